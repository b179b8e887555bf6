import type { JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import { isPlainObject } from "../json";
import { formatName, formatPath, type Path, valueAt } from "./paths";
import { equalityKey, findInexact } from "./values";

/**
 * Merges changes into a document as Elasticsearch does for a partial update: objects are merged deeply,
 * anything else is replaced, null is kept.
 *
 * @param source not modified, and neither are `changes`; the result shares the values that did not have
 * to be copied
 * @see
 * https://github.com/elastic/elasticsearch/blob/v7.17.29/server/src/main/java/org/elasticsearch/common/xcontent/XContentHelper.java
 * `update`
 */
export function mergeChanges(
  source: JSONObject,
  changes: JSONObject,
): JSONObject {
  const merged = { ...source };
  // A work list rather than recursion: a deep document cannot overflow the stack.
  const left: [JSONObject, JSONObject][] = [[merged, changes]];
  for (const [into, from] of left) {
    for (const [key, value] of Object.entries(from)) {
      const before: unknown = Object.hasOwn(into, key) ? into[key] : undefined;
      if (!isPlainObject(before) || !isPlainObject(value)) {
        setField(into, key, value);
        continue;
      }
      const copy = { ...before };
      setField(into, key, copy);
      left.push([copy, value]);
    }
  }

  return merged;
}

/** Defines the property, because assigning to a field named `__proto__` would set the object's prototype. */
export function setField(
  object: JSONObject,
  key: string,
  value: unknown,
): void {
  Object.defineProperty(object, key, {
    configurable: true,
    enumerable: true,
    value,
    writable: true,
  });
}

/** Returns the fields of an object, at any depth, that another one does not have, and a merge would keep. */
export function fieldsDropped(before: unknown, after: unknown): Path[] {
  const dropped: Path[] = [];
  // A work list rather than recursion: a deep document cannot overflow the stack.
  const left = [{ from: before, path: [] as Path, to: after }];
  for (const { from, path, to } of left) {
    if (!isPlainObject(from) || !isPlainObject(to)) {
      continue;
    }
    for (const [name, value] of Object.entries(from)) {
      if (Object.hasOwn(to, name)) {
        left.push({ from: value, path: [...path, name], to: to[name] });
      } else {
        dropped.push([...path, name]);
      }
    }
  }

  return dropped;
}

/**
 * Returns a document without some of its fields. An object that becomes empty stays.
 *
 * @param document not modified; the result shares the values that did not have to be copied
 */
export function removeUnset(
  document: JSONObject,
  paths: readonly Path[],
): JSONObject {
  const result = { ...document };
  // Each object is copied only once, however many of its fields are removed.
  const copies = new Set([result]);
  for (const path of paths) {
    if (valueAt(result, path).kind !== "found") {
      continue;
    }
    let parent = result;
    for (const name of path.slice(0, -1)) {
      let child = parent[name] as JSONObject;
      if (!copies.has(child)) {
        child = { ...child };
        copies.add(child);
        parent[name] = child;
      }
      parent = child;
    }
    delete parent[path.at(-1)!];
  }

  return result;
}

/**
 * Applies changes and removes fields to make the whole document that is to be stored.
 *
 * @param source the document as it was read
 * @param changes as Kuzzle passes them to storage, with null for each field to remove
 * @param hasPipeline whether the collection has an ingest pipeline, which may change the document
 * further
 * @throws plugin.document-update.unset_refused
 */
export function wholeDocument(
  source: JSONObject,
  changes: JSONObject,
  unset: readonly Path[],
  hasPipeline = false,
): JSONObject {
  if (hasPipeline) {
    throw refused(
      unset[0]!,
      "its collection has, or may have, an ingest pipeline",
    );
  }
  for (const path of unset) {
    const place = valueAt(changes, path);
    if (place.kind !== "found" || place.value !== null) {
      throw refused(path, "a specification, or a pipe, gives it a value");
    }
  }
  const inexact = findInexact(source);
  if (inexact !== undefined) {
    throw refused(
      unset[0]!,
      `the document has a number that cannot be written back exactly, ${inexact}`,
    );
  }

  return removeUnset(mergeChanges(source, changes), unset);
}

function refused(path: Path, reason: string): Error {
  return pluginError("unset_refused", formatPath(path), reason);
}

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
