import type { JSONObject } from "kuzzle";

import { collectionOf } from "../kuzzle/alias";
import type { ClientCall } from "../kuzzle/WriteTag";
import { changesOf } from "../kuzzle/storageClient";

/** An update that Kuzzle passes to its client of Elasticsearch, as it is to be sent. */
export interface StorageCall extends ClientCall {
  /** The whole document to store in place of the changes, under the same condition. */
  readonly whole?: JSONObject;
}

/** An update in a form that is the same for both versions of the client. */
export interface StorageRequest {
  readonly call: StorageCall;
  /** Name of the collection in Elasticsearch, an alias: `@&<index>.<collection>`. */
  readonly alias: string;
  readonly id: string;
  /** Whether the write has a condition. The client must not resend such a request. */
  readonly isConditional: boolean;
  /** Whether it must not be part of a bulk request. */
  readonly isAlone?: boolean;
  /** Its two lines in a bulk request. */
  readonly lines: string;
}

/** Parameters that Kuzzle sets or the plugin adds; the changes are in one of the last two. */
const KEYS = [
  ...["_source", "id", "index", "refresh", "retry_on_conflict"],
  ...["if_primary_term", "if_seq_no", "body", "doc"],
];

/**
 * Longest identifier that Elasticsearch accepts, in bytes. A longer one makes it refuse the whole bulk
 * request.
 */
const MAX_ID_BYTES = 512;
/** Highest number that Elasticsearch parses as one of retries. A higher one makes it refuse the whole bulk request. */
const MAX_RETRIES = 2 ** 31 - 1;

/**
 * Converts an update for a bulk request.
 *
 * @returns undefined if the update does not have exactly the expected form, or would behave differently
 * in a bulk request: with `refresh`, or with a `retry_on_conflict` that a bulk request parses
 * differently
 */
export function readStorageRequest(
  call: StorageCall,
): StorageRequest | undefined {
  const { params, whole } = call;
  const { id, index: alias, refresh, retry_on_conflict: retries } = params;
  const changes = changesOf(params);
  if (
    !hasOnly(params, KEYS) ||
    !hasOnly((params["body"] ?? {}) as object, ["doc"]) ||
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
    // Throws for an unpaired surrogate, which would be sent as another identifier.
    encodeURIComponent(id);
    const target = {
      _id: id,
      if_primary_term: params["if_primary_term"] as unknown,
      if_seq_no: params["if_seq_no"] as unknown,
      // If the collection has been deleted meanwhile, Elasticsearch must not create an index named like
      // its alias.
      require_alias: true,
      retry_on_conflict: retries,
    };
    const action = whole ? { index: target } : { update: target };
    const source = whole ?? { _source: true, doc: changes };
    const lines = `${JSON.stringify(action)}\n${JSON.stringify(source)}\n`;
    const isConditional = target.if_seq_no !== undefined;
    return { alias, call, id, isConditional, lines };
  } catch {
    // It cannot be serialized: leave it to the client, for its own error.
    return undefined;
  }
}

function hasOnly(params: object, keys: readonly string[]): boolean {
  return Object.keys(params).every((key) => keys.includes(key));
}

/**
 * Checks that the numbers of a condition are valid. A bulk request ignores a condition that is not a
 * number, and fails as a whole if an item has both a condition and retries.
 */
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
    value === undefined ||
    (Number.isInteger(value) &&
      Number(value) >= 0 &&
      Number(value) <= MAX_RETRIES)
  );
}
