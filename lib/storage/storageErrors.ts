import { type ParsedUrlQueryInput, stringify } from "node:querystring";

import type { JSONObject } from "kuzzle";

import { clientErrors } from "../kuzzle/StorageSeam";
import type { ClientCall } from "../kuzzle/WriteTag";

/** Answer of the client to a bulk request, in either version. */
export interface BulkAnswer {
  readonly body: {
    /** Each by its action, `index` or `update`. */
    readonly items: readonly Readonly<Record<string, JSONObject>>[];
  };
  readonly headers: Readonly<Record<string, string>>;
  readonly meta: JSONObject;
}

/** What the clients' errors hold beside a message. */
interface ClientError {
  readonly name?: string;
  /** What storage answered; in it, `meta` tells of the request. */
  readonly meta?: JSONObject & { readonly meta?: JSONObject };
  /** What could not be read. */
  readonly data?: string;
  readonly statusCode?: number;
}

/** Tells that storage refused a request without storing anything. */
export function isRefusal(error: unknown): boolean {
  const { statusCode } = Object(error) as ClientError;

  return statusCode === 400 || statusCode === 413;
}

/**
 * Returns the answer that the client did not read, since its serializer refuses fields by which
 * prototypes could be changed.
 *
 * @throws where that is not why the request failed
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
 * Makes of the error of an item the one that its update would have raised by itself: Kuzzle, and hooks
 * on `services:storage:error`, read status, body and request of it.
 */
export function itemError(
  { error, status }: JSONObject,
  { headers, meta }: BulkAnswer,
  call: ClientCall,
): Error {
  const { ResponseError } = clientErrors();

  return new ResponseError({
    // Of an error without a cause, the answer to a single update tells it twice.
    body: { error: { root_cause: [error], ...error }, status },
    headers,
    meta: withOwnRequest(meta, call),
    statusCode: status,
    warnings: null,
  });
}

/** Makes of the error of a whole request that of one of the updates that it was sent for. */
export function memberError(error: unknown, call: ClientCall): unknown {
  const member = ownError(error, call);
  const { data } = Object(member) as ClientError;
  if (data !== undefined) {
    // They hold what others sent, the stack in its first line.
    const message = "The answer of Elasticsearch cannot be read.";
    Object.assign(member as Error, { data: undefined, message });
    Error.captureStackTrace(member as Error);
  }

  return member;
}

/** Has the error of an update tell of the request that Kuzzle asked for. */
export function ownError(error: unknown, call: ClientCall): unknown {
  if (!(error instanceof Error)) {
    return error;
  }
  const { meta } = error as ClientError;
  const own = Object.create(
    Object.getPrototypeOf(error) as object,
    Object.getOwnPropertyDescriptors(error),
  ) as { meta?: JSONObject };
  if (meta) {
    own.meta = { ...meta, meta: withOwnRequest(meta.meta, call) };
  }

  return own;
}

/** What is told of a request, with the request that the update would have been by itself. */
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
        // As the client writes it, also of what is no value for it.
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
