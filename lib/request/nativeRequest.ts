import type { KuzzleRequest } from "kuzzle";

import {
  etagOf,
  type Precondition,
  readPrecondition,
} from "../change/preconditions";
import type { UpdateArguments } from "../write/delegateUpdate";
import { requireUser } from "./rights";

/** A property of views. No pipe can change it, and no request of a client has it. */
const VIEW = Symbol("document-update.view");

/**
 * Returns a view of a request under the name of native `document:update`, by which rights and events know
 * it. All else is the request's own, its answer too: what a pipe does to the view is done to the request.
 *
 * @param own what the view does not share of the request's input
 */
export function asDocumentUpdate(
  request: KuzzleRequest,
  own: Partial<Pick<KuzzleRequest["input"], "action" | "args" | "body">> = {},
): KuzzleRequest {
  const named = { action: "update", ...own, controller: "document" };
  const input = viewOf(request.input, named);

  // Some of Kuzzle's methods take it by its private name, which ends with a zero-width space.
  return viewOf(request, { input, "input\u200b": input, [VIEW]: true });
}

/** Tells whether a request is such a view. */
export function isView(request: KuzzleRequest & { [VIEW]?: true }): boolean {
  return request[VIEW] === true;
}

/** Returns a view of an object with some properties of its own. */
function viewOf<T extends object>(object: T, own: object): T {
  const ownerOf = (name: PropertyKey) =>
    Object.hasOwn(own, name) ? own : object;

  return new Proxy(object, {
    get: (_, name) => Reflect.get(ownerOf(name), name) as unknown,
    set: (_, name, value) => Reflect.set(ownerOf(name), name, value),
  });
}

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

/** Returns a header of a request, by its name in lower case. Other protocols than HTTP have none. */
export function readHeader(
  { context }: KuzzleRequest,
  name: string,
): string | undefined {
  const { misc, protocol } = context.connection;
  const headers = misc.headers as Readonly<Record<string, string>> | undefined;

  return protocol === "http" ? headers?.[name] : undefined;
}

/**
 * Reads the arguments of an update with Kuzzle's own getters, in the order of the native action, so that
 * the same invalid argument is reported first.
 *
 * @throws api.assert.missing_argument, api.assert.invalid_type, api.assert.body_required
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/api/controllers/documentController.js
 */
export function readUpdateArguments(request: KuzzleRequest): UpdateArguments {
  const { args, volatile } = request.input;
  const _id = request.getId();
  const body = request.getBody();
  requireUser(request);
  const silent = request.getBoolean("silent");
  const refresh = request.getString("refresh", "false");
  const retryOnConflict: unknown = args["retryOnConflict"];
  const source = request.getBoolean("source");
  const { collection, index } = request.getIndexAndCollection();

  return {
    _id,
    body,
    collection,
    context: request.context,
    index,
    options: {
      requestId: request.id,
      timestamp: request.timestamp,
      volatile,
      silent,
      source,
      ...(args["refresh"] !== undefined && { refresh }),
      ...(retryOnConflict !== undefined && { retryOnConflict }),
    },
  };
}

/** Options of a request that native `document:update` does not have. */
export interface ChangeOptions {
  /** Which version the document must have. */
  readonly precondition: Precondition | undefined;
  readonly isDryRun: boolean;
  readonly skipsUnchanged: boolean;
}

/**
 * Reads `ifVersion`, or `If-Match` over HTTP, `dryRun` and `skipUnchanged`.
 *
 * @throws plugin.document-update.invalid_argument
 */
export function readChangeOptions(request: KuzzleRequest): ChangeOptions {
  return {
    isDryRun: readFlag(request, "dryRun"),
    precondition: readPrecondition({
      ifMatch: readHeader(request, "if-match"),
      ifVersion: request.input.args["ifVersion"],
    }),
    skipsUnchanged: readFlag(request, "skipUnchanged"),
  };
}

/**
 * Answers a request as its last event left it.
 *
 * @param outcome a view of the request; or another one, which a pipe has returned in place of the view:
 * as natively, the client gets its status, headers, format and result
 * @throws the error of the outcome. As natively, if the error came after the write, the answer has the
 * result as well
 */
export function answerWith(
  outcome: KuzzleRequest,
  incoming: KuzzleRequest,
): unknown {
  if (outcome.response !== incoming.response) {
    copyAnswer(outcome, incoming);
  }
  if (outcome.error !== null) {
    throw outcome.error;
  }

  return outcome.result;
}

/** Makes the answer to a request the same as that to another one. */
function copyAnswer(from: KuzzleRequest, to: KuzzleRequest): void {
  const { input, response, result, status } = from;
  const { collection, index } = input.args;
  to.clearError();
  to.setResult(result, { raw: response.raw, status });
  Object.assign(to.input.args, { collection, index });
  // Kuzzle's setter accepts null, but its type does not.
  to.input.volatile = input.volatile!;
  for (const { message, version } of from.deprecations ?? []) {
    to.addDeprecation(version, message);
  }

  // Headers that were set with `configure`, in lower case: they are also part of the answer's body.
  const inBody = Object.keys(response.toJSON()["content"]?.headers ?? {});
  for (const name of Object.keys(to.response.headers)) {
    to.response.removeHeader(name);
  }
  for (const [name, value] of Object.entries(response.headers)) {
    // "set-cookie" holds an array of values, which must be set one by one: an array would be joined.
    for (const each of [value].flat()) {
      if (inBody.includes(name.toLowerCase())) {
        to.response.configure({ headers: { [name]: each } });
      } else {
        to.response.setHeader(name, each);
      }
    }
  }
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
