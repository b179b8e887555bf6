import { KuzzleRequest } from "kuzzle";

import { copyHeaders } from "./copyHeaders";

/** A `document:update` request that the plugin itself has made. */
export class OwnUpdateRequest extends KuzzleRequest {}

/**
 * Makes a `document:update` request from an incoming one: same arguments, id and context, as if the
 * client had called the native action. The incoming request keeps its own arguments; body and volatile
 * are shared, not copied.
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

  // A request has both of these properties without having them as arguments, unless the client sent them
  // so.
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

/**
 * Tells whether a request came by the PUT route, which Kuzzle has deprecated. The definition of a
 * plugin's route has no field for that.
 */
export function isDeprecated({ context }: KuzzleRequest): boolean {
  return context.connection.misc.verb === "PUT";
}

/**
 * Copies the outcome of the plugin's `document:update` request to the incoming one: the client gets its
 * status, headers, format and result.
 *
 * @throws the error of the outcome. As natively, if the error came after the write, the answer has the
 * result as well.
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
 * Kuzzle takes these fields of the answer from the input of the request. As natively, if a pipe sends
 * the update to another document, the answer shows that one.
 */
function copyTarget({ input }: KuzzleRequest, incoming: KuzzleRequest): void {
  for (const name of ["index", "collection"]) {
    if (input.args[name] !== incoming.input.args[name]) {
      incoming.input.args[name] = input.args[name];
    }
  }
  if (input.volatile !== incoming.input.volatile) {
    // Kuzzle's setter accepts null, but its type does not.
    incoming.input.volatile = input.volatile!;
  }
}
