import { KuzzleError } from "kuzzle";

import { pluginError } from "../errors";
import type { Target } from "./UpdateArguments";

/**
 * Tells whether an error is a version conflict of this document.
 *
 * Kuzzle passes on nothing but Elasticsearch's message, which is the same in versions 7 and 8: "[<_id>]:
 * version conflict, required seqNo […]".
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/service/storage/8/esWrapper.js
 * `_handleConflictError`
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
 * Makes the error of an update that failed with a version conflict. Its `props` name the document; its
 * `cause` is native's error, if the update was sent.
 */
export function versionConflict(
  { _id, collection, index }: Target,
  cause: unknown,
): KuzzleError {
  const error = pluginError("version_conflict", index, collection, _id);
  error.cause = cause;

  return error;
}
