import type { JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import { findInexact } from "./findInexact";
import { mergeChanges } from "./mergeChanges";
import { formatPath, type Path, valueAt } from "./paths";
import { removeUnset } from "./removeUnset";

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
