import type { JSONObject } from "kuzzle";

import { isPlainObject } from "../isPlainObject";
import type { Target } from "../write/UpdateArguments";
import { changedPaths } from "./changedPaths";
import { fieldRefusal } from "./fieldRefusal";
import { type Guard, KINDS } from "./guards";
import { namesOf } from "./indexedFields";
import { matchesName } from "./namedFields";

/**
 * Checks that replacing a whole document leaves its guarded fields as they are. A guarded field that is
 * left out counts as changed. `_kuzzle_info` is not checked, since Kuzzle writes it at each replacement.
 *
 * @throws plugin.document-update.field_read_only, plugin.document-update.field_immutable,
 * plugin.document-update.field_forbidden
 */
export function checkReplacement(
  guards: readonly Guard[],
  target: Target,
  before: JSONObject,
  after: JSONObject,
): void {
  for (const kind of KINDS) {
    const fields = guards
      .filter((guard) => guard.kind === kind)
      .filter(({ names: [name] }) => name !== "_kuzzle_info")
      .flatMap(({ names }) =>
        changedPaths(guardedPart(names, before), guardedPart(names, after)),
      );
    if (fields.length > 0) {
      throw fieldRefusal(kind, target, fields);
    }
  }
}

/**
 * Returns the part of a document that belongs to a guarded path: the field, as it is spelled in the
 * document, or an array on the path, whose objects may contain the field.
 */
function guardedPart(
  names: readonly string[],
  document: JSONObject,
  depth = 0,
): JSONObject {
  const entries = Object.entries(document).flatMap(
    ([key, value]): [string, unknown][] => {
      const keyNames = namesOf(key);
      const isOnTheWay = keyNames.every(
        (name, at) =>
          depth + at >= names.length || matchesName(names, depth + at, name),
      );
      if (!isOnTheWay) {
        return [];
      }
      const next = depth + keyNames.length;
      if (next >= names.length || Array.isArray(value)) {
        return [[key, value]];
      }
      const part = isPlainObject(value) ? guardedPart(names, value, next) : {};

      return Object.keys(part).length === 0 ? [] : [[key, part]];
    },
  );

  return Object.fromEntries<unknown>(entries);
}
