import type { JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import { findInexact } from "./findInexact";
import { mergeChanges } from "./mergeChanges";
import { formatPath, type Path, valueAt } from "./paths";
import { removeUnset } from "./removeUnset";

/**
 * Makes of a document, changes and fields that go the whole of what is to be stored.
 *
 * @param source as it was read
 * @param changes as Kuzzle made them, with null for each field that goes
 * @param hasPipeline whether an ingest pipeline may make something else of it
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
