import type { JSONObject } from "kuzzle";

import { isPlainObject } from "../isPlainObject";
import { equalityKey } from "./equalityKey";
import { formatName } from "./paths";

/** Longest sum of all paths, in characters: many fields under one long name would add up. */
const MAX_LENGTH = 1_000_000;

/**
 * Returns the paths of the fields whose value changed, was added or removed, in the syntax of
 * `formatPath`.
 *
 * Arrays are compared as a whole. For an object that was added, removed or replaced, the paths of its
 * fields are listed; for an empty one, its own path. If the paths have more than a million characters in
 * total, the changed top-level fields are listed instead.
 */
export function changedPaths(before: JSONObject, after: JSONObject): string[] {
  return (
    changedWithin(before, after) ??
    [...namesIn(before, after)]
      .filter((name) => !areEqual(own(before, name), own(after, name)))
      .map(formatName)
  );
}

function changedWithin(
  before: JSONObject,
  after: JSONObject,
): string[] | undefined {
  const changed: string[] = [];
  let length = 0;
  // A work list rather than recursion: a deep document cannot overflow the stack.
  const left = [{ from: before, prefix: "", to: after }];
  for (const { from, prefix, to } of left) {
    for (const name of namesIn(from, to)) {
      const was = own(from, name);
      const is = own(to, name);
      const path = prefix + formatName(name);
      if (isPlainObject(is) && (isPlainObject(was) || !isEmpty(is))) {
        const object = isPlainObject(was) ? was : {};
        if (is !== object) {
          left.push({ from: object, prefix: `${path}.`, to: is });
        }
      } else if (!areEqual(was, is)) {
        changed.push(path);
        length += path.length;
        if (length > MAX_LENGTH) {
          return undefined;
        }
      }
    }
  }

  return changed;
}

function namesIn(one: JSONObject, other: JSONObject): ReadonlySet<string> {
  return new Set([...Object.keys(other), ...Object.keys(one)]);
}

function own(object: JSONObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function isEmpty(object: JSONObject): boolean {
  return Object.keys(object).length === 0;
}

function areEqual(one: unknown, other: unknown): boolean {
  return one === other || equalityKey(one) === equalityKey(other);
}
