/**
 * Fires an event of Kuzzle's and returns what its pipes made of the payload.
 *
 * The only use of the global application: a plugin's context fires events of the plugin alone.
 */
export function trigger<TPayload>(
  event: string,
  payload: TPayload,
  ...rest: unknown[]
): Promise<TPayload> {
  return global.app.trigger(event, payload, ...rest);
}
