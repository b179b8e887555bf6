import type { JSONObject } from "kuzzle";

import { isPlainObject } from "../isPlainObject";

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
        set(into, key, value);
        continue;
      }
      const copy = { ...before };
      set(into, key, copy);
      left.push([copy, value]);
    }
  }

  return merged;
}

/** Defines the property, because assigning to a field named `__proto__` would set the object's prototype. */
function set(object: JSONObject, key: string, value: unknown): void {
  Object.defineProperty(object, key, {
    configurable: true,
    enumerable: true,
    value,
    writable: true,
  });
}
