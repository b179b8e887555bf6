/** Names of the plugin's errors: the keys of `errors` in manifest.json. */
export type DocumentUpdateErrorName =
  | "changed_by_pipe"
  | "condition_lost"
  | "condition_not_met"
  | "conditional_writes_unavailable"
  | "field_forbidden"
  | "field_immutable"
  | "field_read_only"
  | "guards_unavailable"
  | "invalid_argument"
  | "invalid_condition"
  | "invalid_configuration"
  | "invalid_operators"
  | "invalid_pipe_result"
  | "invalid_request_key"
  | "operator_path"
  | "operator_result"
  | "operator_type"
  | "outcome_unknown"
  | "request_key_reused"
  | "request_keys_unavailable"
  | "request_outcome_unknown"
  | "request_pending"
  | "timed_out"
  | "too_many_pending"
  | "unset_refused"
  | "unsupported_kuzzle"
  | "user_required"
  | "version_conflict"
  | "version_mismatch";

/**
 * Identifiers of the plugin's errors, as the property `id` of an error has them. Each is explained in
 * docs/errors.md.
 */
export type DocumentUpdateErrorId =
  `plugin.document-update.${DocumentUpdateErrorName}`;
