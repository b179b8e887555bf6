import { KuzzleError } from "kuzzle";

import { pluginError } from "../errors";
import type { Target } from "./UpdateArguments";

/**
 * Tells that an update lost against other writes of its document.
 *
 * Kuzzle knows it by nothing but Elasticsearch's own words, which are the same in versions 7 and 8:
 * "[<_id>]: version conflict, required seqNo […]".
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/service/storage/8/esWrapper.js `_handleConflictError`
 */
export function isVersionConflict(error: unknown, { _id }: Target): boolean {
  return (
    error instanceof KuzzleError &&
    error.id === "services.storage.unexpected_error" &&
    (error.message.includes(`[${_id}]: version conflict`) ||
      error.message.includes("version_conflict_engine_exception"))
  );
}

/**
 * The error of an update that lost: the document is named in its `props`, `cause` is native's, if it
 * was tried.
 */
export function versionConflict(
  { _id, collection, index }: Target,
  cause: unknown,
): KuzzleError {
  const error = pluginError("version_conflict", index, collection, _id);
  error.cause = cause;

  return error;
}
