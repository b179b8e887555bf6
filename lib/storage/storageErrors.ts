import { type ParsedUrlQueryInput, stringify } from "node:querystring";

import type { JSONObject } from "kuzzle";

import { errorCopy } from "../errorCopy";
import { clientErrors } from "../kuzzle/StorageSeam";
import type { ClientCall } from "../kuzzle/WriteTag";

/** The client's answer to a bulk request, in both versions. */
export interface BulkAnswer {
  readonly body: {
    /** Each with its action, `index` or `update`, as its key. */
    readonly items: readonly Readonly<Record<string, JSONObject>>[];
  };
  readonly headers: Readonly<Record<string, string>>;
  readonly meta: JSONObject;
}

/** Properties of the clients' errors, other than the message. */
interface ClientError {
  readonly name?: string;
  /** The response. Its own `meta` describes the request. */
  readonly meta?: JSONObject & { readonly meta?: JSONObject };
  /** The text that could not be parsed. */
  readonly data?: string;
  readonly statusCode?: number;
}

/** Tells whether storage refused a request without storing anything. */
export function isRefusedRequest(error: unknown): boolean {
  const { statusCode } = Object(error) as ClientError;

  return statusCode === 400 || statusCode === 413;
}

/**
 * Parses an answer that the client's serializer refused, because of fields that could change prototypes.
 *
 * @throws the given error, if that is not why the request failed
 */
export function unreadAnswer(error: unknown): BulkAnswer {
  const { data, name } = Object(error) as ClientError;
  if (name !== "DeserializationError" || data === undefined) {
    throw error;
  }

  return {
    body: JSON.parse(data) as BulkAnswer["body"],
    headers: {},
    meta: {},
  };
}

/**
 * Turns the error of an item into the one of a single update: Kuzzle, and hooks on
 * `services:storage:error`, read its status, body and request.
 */
export function itemError(
  { error, status }: JSONObject,
  { headers, meta }: BulkAnswer,
  call: ClientCall,
): Error {
  const { ResponseError } = clientErrors();
  const root = { ...(error as JSONObject) };
  delete root["caused_by"];

  return new ResponseError({
    // The answer to a single update repeats an error without its cause as `root_cause`.
    body: { error: { root_cause: [root], ...error }, status },
    headers,
    meta: withOwnRequest(meta, call),
    statusCode: status,
    warnings: null,
  });
}

/** Turns the error of a whole request into the error of one of its updates. */
export function memberError(error: unknown, call: ClientCall): unknown {
  const member = ownError(error, call);
  const { data } = Object(member) as ClientError;
  if (data !== undefined) {
    // Message, stack and data contain documents of other clients.
    const message = "The answer of Elasticsearch cannot be read.";
    Object.assign(member as Error, { data: undefined, message });
    Error.captureStackTrace(member as Error);
  }

  return member;
}

/** Makes the error of an update describe the request that Kuzzle asked for. */
export function ownError(error: unknown, call: ClientCall): unknown {
  if (!(error instanceof Error)) {
    return error;
  }
  const { meta } = error as ClientError;
  const own = errorCopy(error) as { meta?: JSONObject };
  if (meta) {
    own.meta = { ...meta, meta: withOwnRequest(meta.meta, call) };
  }

  return own;
}

/** Replaces the request in an error's metadata by the one that the update would have been by itself. */
function withOwnRequest(
  meta: JSONObject | undefined,
  call: ClientCall,
): JSONObject {
  let params: JSONObject = {};
  const recorder = Object.create(call.client, {
    transport: {
      value: {
        request: (own: JSONObject) => {
          params = own;
          return Promise.resolve({});
        },
      },
    },
  }) as typeof call.client;
  call.update.call(recorder, { ...call.params }).catch(() => {});
  const { body, method, path, querystring } = params;

  return {
    ...meta,
    request: {
      ...(meta?.["request"] as object | undefined),
      params: {
        method,
        path,
        body: JSON.stringify(body),
        // Serialized as the client does, which leaves out undefined values.
        querystring: stringify(
          Object.fromEntries(
            Object.entries({ ...(querystring as ParsedUrlQueryInput) }).filter(
              ([, value]) => value !== undefined,
            ),
          ),
        ),
      },
    },
  };
}
