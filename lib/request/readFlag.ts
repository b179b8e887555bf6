import type { KuzzleRequest } from "kuzzle";

/**
 * Reads a boolean argument as Kuzzle's own `getBoolean` does the first time. Over HTTP that one notes
 * its answer among the arguments, where its presence would mean `true` the next time.
 *
 * @throws api.assert.invalid_type
 */
export function readFlag(request: KuzzleRequest, name: string): boolean {
  return request.context.connection.protocol === "http"
    ? request.input.args[name] !== undefined
    : request.getBoolean(name);
}
