import { KuzzleRequest } from "kuzzle";

/**
 * Returns the `document:update` request that stands for an incoming one: same arguments, id and
 * context, as if the client had called the native action. The incoming request is left as it is.
 */
export function toDocumentUpdate(incoming: KuzzleRequest): KuzzleRequest {
  const { args, body, jwt, volatile } = incoming.input;
  const request = new KuzzleRequest(
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

  // Kuzzle has deprecated the PUT route; the definition of a plugin's route cannot say so.
  if (incoming.context.connection.misc.verb === "PUT") {
    request.addDeprecation(
      "2.11.0",
      'Use "document:update" route with PATCH instead of PUT',
    );
  }

  return request;
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

function copyHeaders(from: KuzzleRequest, to: KuzzleRequest): void {
  // Headers that `configure` was given are also shown in the body of the answer.
  const inBody = new Set(
    Object.keys(from.response.toJSON()["content"]?.headers ?? {}),
  );

  for (const [name, value] of Object.entries(from.response.headers)) {
    to.response.removeHeader(name);

    // "set-cookie" holds an array: set as it is, it would be joined into one header.
    for (const each of [value].flat()) {
      if (inBody.has(name.toLowerCase())) {
        to.response.configure({ headers: { [name]: each } });
      } else {
        to.response.setHeader(name, each);
      }
    }
  }
}
