import { KuzzleError } from "kuzzle";

import { pluginError } from "../errors";
import type { Target } from "../kuzzle/collections";

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
 * `cause` is native's error.
 */
export function versionConflict(
  { _id, collection, index }: Target,
  cause: unknown,
): KuzzleError {
  const error = pluginError("version_conflict", index, collection, _id);

  return causedBy(error, cause);
}

/** Makes the error of a change whose pipe has updated the same document. */
export function changedByPipe(
  { _id, collection, index }: Target,
  cause: unknown,
): KuzzleError {
  const error = pluginError("changed_by_pipe", index, collection, _id);

  return causedBy(error, cause);
}

/**
 * Makes the error of an update that failed with a version conflict when its time was up. If other updates
 * on this node have taken most of the time, it has waited too long; else, other writers are to blame.
 *
 * @param left of its time, in ms, when it was first sent
 * @param maxWait its time, in ms; with 0, it is refused for its conflict
 */
export function tooLate(
  target: Target,
  left: number,
  maxWait: number,
  cause: unknown,
): KuzzleError {
  if (maxWait === 0 || left >= maxWait / 2) {
    return versionConflict(target, cause);
  }

  return causedBy(timedOut(target), cause);
}

function causedBy(error: KuzzleError, cause: unknown): KuzzleError {
  error.cause = cause;

  return error;
}

/** Makes the error of an update that has waited too long. @param awaited what it has waited for */
export function timedOut(
  { _id, collection, index }: Target,
  awaited = "other updates of this document",
): KuzzleError {
  return pluginError("timed_out", index, collection, _id, awaited);
}

/** Tells whether an error means that nothing was stored, for certain. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof KuzzleError &&
    (error.status < 500 || error.id === "plugin.document-update.timed_out") &&
    error.id !== "plugin.document-update.outcome_unknown"
  );
}

/**
 * Tells whether an error of storage is about a document or its collection, whatever the update: that it
 * does not exist.
 */
export function isOfDocument(error: unknown): boolean {
  return (
    error instanceof KuzzleError &&
    error.id.startsWith("services.storage.") &&
    [404, 412].includes(error.status)
  );
}

/** Tells whether the error of a read is that the document does not exist, though its collection does. */
export function isMissing(error: unknown): boolean {
  return (
    error instanceof KuzzleError && error.id === "services.storage.not_found"
  );
}
