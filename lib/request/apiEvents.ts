import {
  type JSONObject,
  KuzzleError,
  type KuzzleRequest,
  PluginImplementationError,
} from "kuzzle";

/**
 * Runs an action between the API events of `document:update`, each once and in Kuzzle's order:
 * `generic:document:beforeUpdate`, `document:beforeUpdate`, the action, `document:afterUpdate`,
 * `generic:document:afterUpdate`; and, when any of these fails, `document:errorUpdate`.
 *
 * The embedded SDK's `triggerEvents` is of no use here: since Kuzzle 2.45, when an event vetoes the
 * request, it runs the action all the same, without events.
 *
 * @param action receives the request that the before events returned
 * @returns the request as the last event left it: its result, its error, or both when the error
 * came after the action
 * @see https://docs.kuzzle.io/core/2/guides/develop-on-kuzzle/2-event-system/
 */
export async function withApiEvents(
  incoming: KuzzleRequest,
  action: (request: KuzzleRequest) => Promise<unknown>,
): Promise<KuzzleRequest> {
  let request = incoming;

  try {
    request = await triggerGenericBefore(request);
    request = await trigger("document:beforeUpdate", request);
    setResult(request, await action(request));
    request = await trigger("document:afterUpdate", request);
    return await triggerGenericAfter(request);
  } catch (error) {
    return recover(request, error);
  }
}

async function triggerGenericBefore(
  request: KuzzleRequest,
): Promise<KuzzleRequest> {
  const { input } = request;
  const [document] = await trigger<JSONObject[]>(
    "generic:document:beforeUpdate",
    [{ _id: input.args["_id"], _source: input.body }],
    request,
  );
  input.args["_id"] = document?.["_id"];
  input.body = document?.["_source"];

  return request;
}

async function triggerGenericAfter(
  request: KuzzleRequest,
): Promise<KuzzleRequest> {
  const [document] = await trigger<JSONObject[]>(
    "generic:document:afterUpdate",
    [request.result],
    request,
  );
  request.setResult(document, { status: request.status });

  return request;
}

/** Gives a pipe of `document:errorUpdate` its chance to replace the error, or to recover from it. */
async function recover(
  request: KuzzleRequest,
  error: unknown,
): Promise<KuzzleRequest> {
  request.setError(asKuzzleError(error));

  try {
    const updated = await trigger("document:errorUpdate", request);
    if (updated.error === null) {
      return updated;
    }
    request.setError(updated.error);
  } catch (replacement) {
    request.setError(asKuzzleError(replacement));
  }

  return request;
}

function setResult(request: KuzzleRequest, result: unknown): void {
  // 102 is the status of a request that nobody has given one yet.
  request.setResult(result, {
    status: request.status === 102 ? 200 : request.status,
  });
}

/** Kuzzle wraps what a pipe throws, unless it is one of its own errors. */
function asKuzzleError(error: unknown): KuzzleError {
  if (error instanceof KuzzleError) {
    return error;
  }

  const { message, stack } = error as Error;
  const wrapped = new PluginImplementationError(
    `Caught an unexpected plugin error: ${message}`,
    "plugin.runtime.unexpected_error",
    0x04000002,
  );
  wrapped.props = [message];
  if (stack !== undefined) {
    wrapped.stack = stack;
  }

  return wrapped;
}

/** The only use of the global application: plugins are given no other way to fire a native event. */
function trigger<TPayload>(
  event: string,
  payload: TPayload,
  ...rest: unknown[]
): Promise<TPayload> {
  return global.app.trigger(event, payload, ...rest);
}
