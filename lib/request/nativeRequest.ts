import { KuzzleRequest } from "kuzzle";
import { version } from "kuzzle/package.json";

import { etagOf } from "../change/preconditions";
import type {
  UpdateArguments,
  UpdatedDocument,
} from "../write/UpdateArguments";

/**
 * Returns a view of a request under the name of native `document:update`, with a copy of its arguments:
 * over HTTP, Kuzzle's getters write what they return into the arguments. All else is the request's own.
 */
export function asDocumentUpdate(request: KuzzleRequest): KuzzleRequest {
  const { input } = request;
  const own = {
    action: { value: "update" },
    args: { value: { ...input.args } },
    controller: { value: "document" },
  };

  return Object.create(request, {
    input: { value: Object.create(input, own) as unknown },
  }) as KuzzleRequest;
}

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

const NODE = "X-Kuzzle-Node";

/** Makes the response headers of `to` the same as those of `from`: others are removed. */
export function copyHeaders(from: KuzzleRequest, to: KuzzleRequest): void {
  const { headers } = from.response;
  const names = Object.keys(headers);
  const former = Object.keys(to.response.headers);
  // Kuzzle adds its node to every response. If there is no other header, skip the expensive
  // serialization below.
  if (
    [names, former].every((each) => each.join() === NODE) &&
    headers[NODE] === to.response.headers[NODE]
  ) {
    return;
  }
  // Headers that were set with `configure`, in lower case: they are also part of the answer's body.
  const inBody = Object.keys(from.response.toJSON()["content"]?.headers ?? {});
  const position = (name: string) => inBody.indexOf(name.toLowerCase());

  for (const name of former) {
    to.response.removeHeader(name);
  }
  for (const name of names.sort(
    (one, other) => position(one) - position(other),
  )) {
    // "set-cookie" holds an array of values, which must be set one by one: an array would be joined.
    for (const value of [headers[name]].flat()) {
      if (position(name) === -1) {
        to.response.setHeader(name, value);
      } else {
        to.response.configure({ headers: { [name]: value } });
      }
    }
  }
}

const [major = 0, minor = 0] = version.split(".").map(Number);
const ANSWERS_BODY = major === 2 && minor < 49;

/**
 * Gives the after events the result of a write in the form that native `document:update` has.
 *
 * Before Kuzzle 2.49, without `source`, the result's `_source` is the same object as the request's body,
 * and has no `_kuzzle_info`: what a pipe adds to one appears in the other. The plugin may have written a
 * copy of the body, or several updates at once.
 */
export function nativeResult(
  written: Promise<UpdatedDocument>,
  { body, options }: UpdateArguments,
  answersBody = ANSWERS_BODY,
): Promise<UpdatedDocument> {
  return answersBody && !options.source
    ? written.then((document) => ({ ...document, _source: body }))
    : written;
}

/**
 * Sets the header `ETag` to the version of the updated document, for use with `If-Match`. The answer to
 * a `PUT` has none, since the stored document is not what was sent.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-9.3.4
 */
export function tellVersion(request: KuzzleRequest, result: unknown): void {
  const { misc, protocol } = request.context.connection;
  const { _version } = Object(result) as { readonly _version?: unknown };
  if (
    protocol === "http" &&
    misc.verb === "PATCH" &&
    Number.isInteger(_version)
  ) {
    request.response.setHeader("ETag", etagOf(Number(_version)));
  }
}
