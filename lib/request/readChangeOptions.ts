import type { KuzzleRequest } from "kuzzle";

import { type Precondition, readPrecondition } from "../change/preconditions";
import { readFlag } from "./readFlag";

/** Options of a request that native `document:update` does not have. */
export interface ChangeOptions {
  /** Which version the document must have. */
  readonly precondition: Precondition | undefined;
  readonly isDryRun: boolean;
  readonly skipsUnchanged: boolean;
}

/**
 * Reads `ifVersion`, or `If-Match` over HTTP, `dryRun` and `skipUnchanged`.
 *
 * @throws plugin.document-update.invalid_argument
 */
export function readChangeOptions(request: KuzzleRequest): ChangeOptions {
  const { misc, protocol } = request.context.connection;
  const headers = misc.headers as Readonly<Record<string, string>> | undefined;

  return {
    isDryRun: readFlag(request, "dryRun"),
    precondition: readPrecondition({
      ifMatch: protocol === "http" ? headers?.["if-match"] : undefined,
      ifVersion: request.input.args["ifVersion"],
    }),
    skipsUnchanged: readFlag(request, "skipUnchanged"),
  };
}
