import { inspect } from "node:util";

import {
  type JSONObject,
  KuzzleError,
  type KuzzleRequest,
  PluginImplementationError,
} from "kuzzle";

import { pluginError } from "../errors";
import { inTime } from "../inTime";
import { isOfServerCode, trigger } from "../kuzzle/application";
import { timedOut } from "../write/outcomes";

/** The API events of `document:update`. */
export const API_EVENTS = [
  "generic:document:beforeUpdate",
  "document:beforeUpdate",
  "document:afterUpdate",
  "generic:document:afterUpdate",
  "document:errorUpdate",
] as const;

/** How long an update of server code waits for the pipes on one of its events, in ms. */
const MAX_PIPE_WAIT = 10_000;

/** Fires the before events, and returns the request as the pipes left it. */
export type FireBefore = (request: KuzzleRequest) => Promise<KuzzleRequest>;

/** Outcome of an action. */
export interface ActionOutcome {
  readonly result: unknown;
  /** The error that an earlier request with the same key was answered. */
  readonly error?: KuzzleError | null;
  /** Whether the after events are left out, because nothing was written. */
  readonly isQuiet: boolean;
}

/**
 * Runs an action between the API events of `document:update`, each once and in Kuzzle's order:
 * `generic:document:beforeUpdate`, `document:beforeUpdate`, the action, `document:afterUpdate`,
 * `generic:document:afterUpdate`; and, when any of these fails, `document:errorUpdate`.
 *
 * The embedded SDK's `triggerEvents` is not used: since Kuzzle 2.45, when a pipe vetoes the request, it
 * runs the action all the same, without events.
 *
 * @param action fires the before events itself, once for each request that it makes of the incoming one,
 * and continues with what they return. The after events are fired for the last of these requests
 * @returns the request as the last event left it: with its result, its error, or both if the error came
 * after the action
 * @see https://docs.kuzzle.io/core/2/guides/develop-on-kuzzle/2-event-system/
 */
export async function withApiEvents(
  incoming: KuzzleRequest,
  action: (fireBefore: FireBefore) => Promise<ActionOutcome>,
): Promise<KuzzleRequest> {
  let request = incoming;
  const fireBefore: FireBefore = async (fresh) => {
    request = fresh;
    request = await triggerGeneric("generic:document:beforeUpdate", request);
    request = await triggerRequest("document:beforeUpdate", request);
    return request;
  };

  try {
    const { error, isQuiet, result } = await action(fireBefore);
    setResult(request, result);
    if (error) {
      request.setError(error);
    }
    if (isQuiet) {
      return request;
    }
    request = await triggerRequest("document:afterUpdate", request);
    return await triggerGeneric("generic:document:afterUpdate", request);
  } catch (error) {
    return recover(request, error);
  }
}

/**
 * Tells whether the events of a request are fired: not if server code has asked for none, with the
 * argument `events: false`. As natively, an argument that a client makes up does nothing.
 */
export function firesEvents({ context, input }: KuzzleRequest): boolean {
  return !(isOfServerCode(context) && input.args["events"] === false);
}

/**
 * Fires a generic event, whose payload is documents rather than the request: those of the result if
 * there is one, else those of the input. They are replaced by what the pipes return.
 */
async function triggerGeneric(
  event: string,
  request: KuzzleRequest,
): Promise<KuzzleRequest> {
  const { input, result } = request;
  const documents = await fire<JSONObject[]>(
    request,
    event,
    [result || { _id: input.args["_id"], _source: input.body }],
    request,
  );
  const document = documents[0];

  if (result) {
    request.setResult(document, { status: request.status });
  } else {
    input.args["_id"] = document?.["_id"];
    input.body = document?.["_source"];
  }

  return request;
}

/**
 * Fires an event whose payload is the request.
 *
 * @throws plugin.document-update.invalid_pipe_result if a pipe returned something else than a request,
 * on which Kuzzle would crash
 */
async function triggerRequest(
  event: string,
  request: KuzzleRequest,
): Promise<KuzzleRequest> {
  const returned = await fire<KuzzleRequest | undefined>(
    request,
    event,
    request,
  );

  // Not `instanceof`: a pipe may have made its request with another copy of Kuzzle.
  if (typeof returned?.setError !== "function") {
    throw pluginError("invalid_pipe_result", event, inspect(returned));
  }

  return returned;
}

/**
 * Fires an event of a request, unless it asks for none, and returns the payload as the pipes left it.
 *
 * Kuzzle runs a limited number of pipes at a time. One that waits for an update of server code, whose
 * events need pipes themselves, may hold the very place that they wait for. So that wait has a limit.
 *
 * @throws plugin.document-update.timed_out
 * @see https://docs.kuzzle.io/core/2/guides/advanced/configuration/ `plugins.common.maxConcurrentPipes`
 */
async function fire<TPayload>(
  request: KuzzleRequest,
  event: string,
  payload: TPayload,
  ...rest: unknown[]
): Promise<TPayload> {
  if (!firesEvents(request)) {
    return payload;
  }
  const { context, input } = request;
  const fired = trigger(event, payload, ...rest);
  if (!isOfServerCode(context)) {
    return fired;
  }

  return inTime(fired, MAX_PIPE_WAIT, () => {
    const { _id, collection, index } = input.args;
    throw timedOut({ _id, collection, index }, `pipes on ${event}`);
  });
}

/** Fires `document:errorUpdate`, whose pipes may replace the error or recover from it. */
async function recover(
  request: KuzzleRequest,
  error: unknown,
): Promise<KuzzleRequest> {
  request.setError(asKuzzleError(error));

  try {
    const updated = await triggerRequest("document:errorUpdate", request);
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
  // 102 is the status of a request whose status was never set.
  request.setResult(result, {
    status: request.status === 102 ? 200 : request.status,
  });
}

/** Kuzzle wraps what a pipe throws, unless it is one of its own errors. */
function asKuzzleError(error: unknown): KuzzleError {
  if (error instanceof KuzzleError) {
    return error;
  }

  // As Kuzzle does: anything that is thrown is treated as an `Error`.
  const { message, stack } = Object(error) as Error;
  const wrapped = new PluginImplementationError(
    `Caught an unexpected plugin error: ${message}`,
    "plugin.runtime.unexpected_error",
    0x04020002,
  );
  wrapped.props = [message];
  if (stack !== undefined) {
    wrapped.stack = stack;
  }

  return wrapped;
}
