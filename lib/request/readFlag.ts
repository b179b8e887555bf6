import type { KuzzleRequest } from "kuzzle";

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
