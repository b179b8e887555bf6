import { KuzzleError } from "kuzzle";

/** Tells that nothing was stored, for sure. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof KuzzleError &&
    error.status < 500 &&
    error.id !== "plugin.document-update.outcome_unknown"
  );
}
