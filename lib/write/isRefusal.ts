import { KuzzleError } from "kuzzle";

/** Tells whether an error means that nothing was stored, for certain. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof KuzzleError &&
    error.status < 500 &&
    error.id !== "plugin.document-update.outcome_unknown"
  );
}
