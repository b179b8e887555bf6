import type { KuzzleRequest } from "kuzzle";

import type { UpdateArguments } from "../write/UpdateArguments";
import { callerOf, isOfServerCode } from "./rights";

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
  const kuid = callerOf(request)._id;
  const silent = request.getBoolean("silent");
  const refresh = request.getString("refresh", "false");
  const retryOnConflict: unknown = args["retryOnConflict"];
  const source = request.getBoolean("source");
  const { collection, index } = request.getIndexAndCollection();

  return {
    _id,
    body,
    collection,
    connectionId: String(request.context.connection.id),
    index,
    isOfServerCode: isOfServerCode(request),
    kuid,
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
