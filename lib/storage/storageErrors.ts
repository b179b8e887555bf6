import type { JSONObject } from "kuzzle";

import { errorCopy } from "../json";
import type { ClientVersion } from "../kuzzle/storageClient";

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
  { ResponseError }: ClientVersion,
): Error {
  const root = { ...(error as JSONObject) };
  delete root["caused_by"];

  return new ResponseError({
    // The answer to a single update repeats an error without its cause as `root_cause`.
    body: { error: { root_cause: [root], ...error }, status },
    headers,
    meta: withoutBody(meta),
    statusCode: status,
    warnings: null,
  });
}

/** Makes the error of one update of a request that has failed as a whole. */
export function memberError(error: unknown): unknown {
  if (!(error instanceof Error)) {
    return error;
  }
  const member = errorCopy(error) as Error & ClientError;
  const { data, meta } = member;
  if (meta) {
    Object.assign(member, { meta: { ...meta, meta: withoutBody(meta.meta) } });
  }
  if (data !== undefined) {
    // Message, stack and data contain documents of other clients.
    const message = "The answer of Elasticsearch cannot be read.";
    Object.assign(member, { data: undefined, message });
    Error.captureStackTrace(member);
  }

  return member;
}

/** Leaves out the body of a request that others were part of. */
function withoutBody(meta: JSONObject = {}): JSONObject {
  const { method, path, querystring } = (meta["request"]?.params ??
    {}) as JSONObject;

  return {
    ...meta,
    request: { ...meta["request"], params: { method, path, querystring } },
  };
}
