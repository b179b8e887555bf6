import type { KuzzleRequest } from "kuzzle";

import { type Precondition, readPrecondition } from "../change/preconditions";
import { readFlag } from "./readFlag";
import { readHeader } from "./readHeader";

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
  return {
    isDryRun: readFlag(request, "dryRun"),
    precondition: readPrecondition({
      ifMatch: readHeader(request, "if-match"),
      ifVersion: request.input.args["ifVersion"],
    }),
    skipsUnchanged: readFlag(request, "skipUnchanged"),
  };
}
