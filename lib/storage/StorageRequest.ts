import type { JSONObject } from "kuzzle";

import { collectionOf } from "../kuzzle/alias";
import { changesOf, isVersion8 } from "../kuzzle/StorageSeam";
import type { ClientCall } from "../kuzzle/WriteTag";

/** An update that Kuzzle's client of Elasticsearch is asked for, as it is to be sent. */
export interface StorageCall extends ClientCall {
  /** The whole document to be stored in place of the changes, under the same condition. */
  readonly whole?: JSONObject;
}

/** An update in the terms of either version of the client. */
export interface StorageRequest {
  readonly call: StorageCall;
  /** Name by which Elasticsearch knows the collection: `@&<index>.<collection>`. */
  readonly alias: string;
  readonly id: string;
  /** Whether it is stored only if the document is as it was read: the client does not resend it. */
  readonly isConditional: boolean;
  /** The two lines that it has in a bulk request. */
  readonly lines: string;
}

/** What Kuzzle asks for, and the plugin adds, in either version; the changes are in another place. */
const KEYS = [
  ...["_source", "id", "index", "refresh", "retry_on_conflict"],
  ...["if_primary_term", "if_seq_no"],
];

/** Longest identifier that Elasticsearch takes, in bytes: with a longer one it refuses all of a bulk. */
const MAX_ID_BYTES = 512;

/**
 * Reads an update of a document, as it can be sent in a bulk request.
 *
 * @returns nothing where the update is not exactly as expected, or would not do in a bulk request
 * what it does by itself: with `refresh`, or with a `retry_on_conflict` that a bulk request reads in
 * another way
 */
export function readStorageRequest(
  call: StorageCall,
): StorageRequest | undefined {
  const { params, whole } = call;
  const { id, index: alias, refresh, retry_on_conflict: retries } = params;
  const changes = changesOf(params);
  if (
    !hasOnly(params, [...KEYS, isVersion8() ? "doc" : "body"]) ||
    !(isVersion8() || hasOnly(params["body"] as object, ["doc"])) ||
    String(params["_source"]) !== "true" ||
    typeof alias !== "string" ||
    collectionOf(alias) === undefined ||
    typeof id !== "string" ||
    id === "" ||
    Buffer.byteLength(id) > MAX_ID_BYTES ||
    !(refresh === undefined || refresh === "false" || refresh === false) ||
    !isRetries(retries) ||
    !isCondition(params) ||
    typeof changes !== "object"
  ) {
    return undefined;
  }

  try {
    // Half of a surrogate pair would be sent as another identifier.
    encodeURIComponent(id);
    const target = {
      _id: id,
      if_primary_term: params["if_primary_term"] as unknown,
      if_seq_no: params["if_seq_no"] as unknown,
      // A collection that was deleted meanwhile is not created anew under its alias.
      require_alias: true,
      retry_on_conflict: retries,
    };
    const action = whole ? { index: target } : { update: target };
    const source = whole ?? { _source: true, doc: changes };
    const lines = `${JSON.stringify(action)}\n${JSON.stringify(source)}\n`;
    const isConditional = target.if_seq_no !== undefined;
    return { alias, call, id, isConditional, lines };
  } catch {
    // What cannot be written is answered the client's own error.
    return undefined;
  }
}

function hasOnly(params: object, keys: readonly string[]): boolean {
  return Object.keys(params).every((key) => keys.includes(key));
}

/** A bulk request takes what is no number for no condition, and is refused as a whole with retries beside one. */
function isCondition({
  if_primary_term: term,
  if_seq_no: seqNo,
  retry_on_conflict: retries,
}: JSONObject): boolean {
  return (
    (term === undefined && seqNo === undefined) ||
    (Number.isSafeInteger(term) &&
      Number.isSafeInteger(seqNo) &&
      retries === undefined)
  );
}

function isRetries(value: unknown): boolean {
  return (
    value === undefined || (Number.isSafeInteger(value) && Number(value) >= 0)
  );
}
