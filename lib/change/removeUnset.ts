import type { JSONObject } from "kuzzle";

import { type Path, valueAt } from "./paths";

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
