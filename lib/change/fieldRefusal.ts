import type { KuzzleError } from "kuzzle";

import { pluginError } from "../errors";
import type { Target } from "../write/UpdateArguments";
import type { Guard } from "./guards";

const ERRORS = {
  immutable: "field_immutable",
  readOnly: "field_read_only",
  writableBy: "field_forbidden",
} as const;

/** Most fields that an error names. */
const MAX_SHOWN = 10;

/**
 * Makes the error of a write that guards of one kind refuse. Its `props` are index, collection, _id and
 * the fields.
 */
export function fieldRefusal(
  kind: Guard["kind"],
  { _id, collection, index }: Target,
  fields: readonly string[],
): KuzzleError {
  const shown = [...new Set(fields)].slice(0, MAX_SHOWN);
  const props = [index, collection, _id];
  const error = pluginError(ERRORS[kind], ...props, shown.join(", "));
  error.props = [...props, ...shown];

  return error;
}
