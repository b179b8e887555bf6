import type { KuzzleRequest } from "kuzzle";

import { type Precondition, readPrecondition } from "../change/preconditions";
import type { UpdateArguments } from "../write/delegateUpdate";
import { requireUser } from "./rights";

/**
 * Reads a boolean argument, as Kuzzle's own `getBoolean` does the first time that it is called. Over
 * HTTP, `getBoolean` then writes the result into the arguments; the next call takes any value there for
 * `true`, even `false`.
 *
 * @throws api.assert.invalid_type
 */
export function readFlag(request: KuzzleRequest, name: string): boolean {
  return request.context.connection.protocol === "http"
    ? request.input.args[name] !== undefined
    : request.getBoolean(name);
}

/** Returns a header of a request, by its name in lower case. Other protocols than HTTP have none. */
export function readHeader(
  { context }: KuzzleRequest,
  name: string,
): string | undefined {
  const { misc, protocol } = context.connection;
  const headers = misc.headers as Readonly<Record<string, string>> | undefined;

  return protocol === "http" ? headers?.[name] : undefined;
}

/**
 * Reads the arguments of an update with Kuzzle's own getters, in the order of the native action, so that
 * the same invalid argument is reported first.
 *
 * @throws api.assert.missing_argument, api.assert.invalid_type, api.assert.body_required
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/api/controllers/documentController.js
 */
export function readUpdateArguments(request: KuzzleRequest): UpdateArguments {
  const { args, volatile } = request.input;
  const _id = request.getId();
  const body = request.getBody();
  requireUser(request);
  const silent = request.getBoolean("silent");
  const refresh = request.getString("refresh", "false");
  const retryOnConflict: unknown = args["retryOnConflict"];
  const source = request.getBoolean("source");
  const { collection, index } = request.getIndexAndCollection();

  return {
    _id,
    body,
    collection,
    context: request.context,
    index,
    options: {
      requestId: request.id,
      timestamp: request.timestamp,
      volatile,
      silent,
      source,
      ...(args["refresh"] !== undefined && { refresh }),
      ...(retryOnConflict !== undefined && { retryOnConflict }),
    },
  };
}

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
