import { inspect } from "node:util";

import type { JSONObject, KuzzleRequest } from "kuzzle";

import { applyOperators } from "../change/operators";
import { type Condition, type Conditions } from "../change/conditions";
import { findUnreadable } from "../change/findUnreadable";
import { mergeChanges } from "../change/mergeChanges";
import type { Path } from "../change/paths";
import { readOperators } from "../change/readOperators";
import { pluginError } from "../errors";

/** The content of a `modify` request. */
export interface Modification {
  /** Condition that the document must meet. */
  readonly condition: Condition | undefined;
  /** Computes the changes, with null for each field to remove. */
  readonly apply: (
    source: JSONObject,
    now: number,
  ) => { readonly body: JSONObject; readonly unset: readonly Path[] };
  /** Whether the result depends on the current time. */
  readonly takesNow: boolean;
  /** Paths of the fields to remove. */
  readonly unset: readonly Path[];
  /** Whether the condition is on Kuzzle's metadata, which each write changes. */
  readonly needsMetadata: boolean;
}

const KEYS = ["changes", "condition", "operators"];

/**
 * Reads the body of a `modify`.
 *
 * @throws api.assert.body_required, api.assert.invalid_type, plugin.document-update.invalid_argument,
 * plugin.document-update.invalid_condition, plugin.document-update.invalid_operators,
 * plugin.document-update.operator_path
 */
export function readModification(
  request: KuzzleRequest,
  conditions: Conditions,
): Modification {
  const body: JSONObject = request.getBody();
  if (Array.isArray(body)) {
    throw pluginError("invalid_argument", "body", "an object", "a list");
  }
  const { condition, operators: found, ...rest } = body;
  for (const key of Object.keys(rest)) {
    if (key !== "changes") {
      const keys = `one of the keys ${KEYS.join(", ")}`;
      const shown = inspect(key, { maxStringLength: 100 });
      throw pluginError("invalid_argument", "body", keys, shown);
    }
  }
  const changes = request.getBodyObject("changes", {});
  const operators = readOperators(found, changes);
  const unreadable = findUnreadable([changes, found]);
  if (unreadable !== undefined) {
    const expected = "fields that can be read again";
    throw pluginError("invalid_argument", "body", expected, `"${unreadable}"`);
  }

  return {
    apply: (source, now) => {
      const computed = applyOperators(source, operators, now);
      return {
        body: mergeChanges(changes, computed.changes),
        unset: computed.unset,
      };
    },
    condition: condition === undefined ? undefined : conditions.read(condition),
    needsMetadata: JSON.stringify(condition)?.includes("_kuzzle_info") ?? false,
    takesNow: operators.some(({ operator }) => operator === "now"),
    unset: operators
      .filter(({ operator }) => operator === "unset")
      .map(({ path }) => path),
  };
}
