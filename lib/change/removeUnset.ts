import type { JSONObject } from "kuzzle";

import { type Path, valueAt } from "./paths";

/**
 * Returns a document without some of its fields. An object of which nothing is left stays, empty.
 *
 * @param document left as it is; the result shares what did not have to be copied
 */
export function removeUnset(
  document: JSONObject,
  paths: readonly Path[],
): JSONObject {
  const result = { ...document };
  // Each object is copied once, however many of its fields go.
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
