import { KuzzleRequest } from "kuzzle";

import { copyHeaders } from "./copyHeaders";

/** A `document:update` request of the plugin's own. */
export class OwnUpdateRequest extends KuzzleRequest {}

/**
 * Returns the `document:update` request that stands for an incoming one: same arguments, id and
 * context, as if the client had called the native action. The incoming request keeps its own
 * arguments; body and volatile are shared, not copied.
 */
export function toDocumentUpdate(incoming: KuzzleRequest): KuzzleRequest {
  const { args, body, jwt, volatile } = incoming.input;
  const request = new OwnUpdateRequest(
    {
      ...args,
      action: "update",
      body,
      controller: "document",
      jwt,
      timestamp: incoming.timestamp,
      volatile,
    },
    incoming.context.toJSON(),
  );

  // Both are known to a request without being among its arguments, unless the client sent them.
  request.id = incoming.id;
  if (args["timestamp"] === undefined) {
    delete request.input.args["timestamp"];
  }

  copyHeaders(incoming, request);

  if (isDeprecated(incoming)) {
    request.addDeprecation(
      "2.11.0",
      'Use "document:update" route with PATCH instead of PUT',
    );
  }

  return request;
}

/** Kuzzle has deprecated the PUT route; the definition of a plugin's route cannot say so. */
export function isDeprecated({ context }: KuzzleRequest): boolean {
  return context.connection.misc.verb === "PUT";
}

/**
 * Answers the incoming request with the outcome of the `document:update` that stood for it: its
 * status, headers, format and result are what the client gets.
 *
 * @throws the error of the outcome. As natively, the result of a write that took place before the
 * error stays beside it in the answer.
 */
export function answerWith(
  outcome: KuzzleRequest,
  incoming: KuzzleRequest,
): unknown {
  copyHeaders(outcome, incoming);
  copyTarget(outcome, incoming);
  for (const { message, version } of outcome.deprecations ?? []) {
    incoming.addDeprecation(version, message);
  }
  incoming.setResult(outcome.result, {
    raw: outcome.response.raw,
    status: outcome.status,
  });

  if (outcome.error !== null) {
    throw outcome.error;
  }

  return outcome.result;
}

/**
 * Kuzzle reads these fields of the answer in the input of the request: as natively, a pipe that
 * sends the update elsewhere is seen in the answer.
 */
function copyTarget({ input }: KuzzleRequest, incoming: KuzzleRequest): void {
  for (const name of ["index", "collection"]) {
    if (input.args[name] !== incoming.input.args[name]) {
      incoming.input.args[name] = input.args[name];
    }
  }
  if (input.volatile !== incoming.input.volatile) {
    // Kuzzle's setter takes the null that its type leaves out.
    incoming.input.volatile = input.volatile!;
  }
}
