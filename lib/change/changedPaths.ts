import type { JSONObject } from "kuzzle";

import { isPlainObject } from "../isPlainObject";
import { equalityKey } from "./equalityKey";
import { formatName } from "./paths";

/** Characters that the paths may have in all: those of many fields in an object of a long name add up. */
const MAX_LENGTH = 1_000_000;

/**
 * Tells the paths of the fields whose value changed, was added or removed, as `formatPath` writes them.
 *
 * An array is compared as a whole. An object that was added is told by the fields in it, an empty one by
 * itself, and so is one that was removed or became something else. Where these paths have more than a
 * million characters, the fields of the document itself are told instead.
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
  // A list of what is left rather than calls: no depth ends the stack.
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
