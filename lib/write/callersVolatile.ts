import type { JSONObject, KuzzleRequest } from "kuzzle";

/** Argument of the delegated request that takes the caller's volatile past the embedded SDK. */
export const CALLERS_VOLATILE = "callersVolatile";

interface MetadataEvent {
  readonly request: KuzzleRequest;
}

/**
 * Gives a delegated request the volatile of its caller, just before the write and its notification.
 *
 * The embedded SDK adds `sdkInstanceId` and `sdkName` to the volatile of every request, and
 * subscribers would be told. Natively they are told what the caller sent.
 *
 * @returns the event, for the pipe of `generic:document:injectMetadata` that this is
 */
export function restoreVolatile<TEvent extends MetadataEvent>(
  event: TEvent,
): Promise<TEvent> {
  const { context, input } = event.request;

  // A client may send an argument of this name; the embedded SDK alone has this protocol.
  if (
    context.connection.protocol === "funnel" &&
    CALLERS_VOLATILE in input.args
  ) {
    input.volatile = input.args[CALLERS_VOLATILE] as JSONObject;
    delete input.args[CALLERS_VOLATILE];
  }

  return Promise.resolve(event);
}
