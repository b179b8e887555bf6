// The only use of the global application: a plugin's context fires events of the plugin alone, and
// registers pipes before those of the application.
import type { KuzzleRequest } from "kuzzle";

/** Fires an event of Kuzzle's and returns what its pipes made of the payload. */
export function trigger<TPayload>(
  event: string,
  payload: TPayload,
  ...rest: unknown[]
): Promise<TPayload> {
  return global.app.trigger(event, payload, ...rest);
}

/** Has an event go through a pipe after all those that are there; the application must be ready. */
export function registerLastPipe(
  event: string,
  pipe: (request: KuzzleRequest) => Promise<KuzzleRequest>,
): void {
  global.app.pipe.register(event, pipe, { dynamic: true });
}
