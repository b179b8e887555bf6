import type { JSONObject } from "kuzzle";

import type { ClientCall } from "../kuzzle/WriteTag";
import { collectionOf } from "../kuzzle/collections";
import { bodyOf, changesOf } from "../kuzzle/storageClient";
import { type BatchOutcome, type Outcome, outcomeOf } from "./BatchQueue";
import {
  type BulkAnswer,
  isRefusedRequest,
  itemError,
  memberError,
  unreadAnswer,
} from "./storageErrors";

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
  const { id, index: alias, refresh, retry_on_conflict: asked } = params;
  const retries = retriesOf(asked);
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
    refresh !== "false" ||
    (asked !== undefined && retries === undefined) ||
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

/**
 * Reads how often storage retries after a conflict, over HTTP from text. Undefined if it is no such
 * number.
 */
export function retriesOf(value: unknown): number | undefined {
  const isWritten = typeof value === "string" && /^\d{1,10}$/.test(value);
  const count = isWritten ? Number(value) : value;

  return Number.isInteger(count) &&
    Number(count) >= 0 &&
    Number(count) <= MAX_RETRIES
    ? Number(count)
    : undefined;
}

/**
 * Sends an update by a request of its own, with `require_alias` added: since the document was not read
 * before, Elasticsearch could otherwise create an index named like the alias of a deleted collection.
 */
export function sendAlone(call: StorageCall): Promise<JSONObject> {
  const { client, options = {}, params, update, whole } = call;

  return whole
    ? indexWhole(call, whole)
    : update.call(client, { ...params, require_alias: true }, options);
}

/** Stores a whole document in place of the changes, with an answer as for an update. */
async function indexWhole(
  { client, options = {}, params, version }: StorageCall,
  whole: JSONObject,
): Promise<JSONObject> {
  const { id, if_primary_term, if_seq_no, index, refresh } = params;
  const target = { id, if_primary_term, if_seq_no, index, refresh } as object;
  const answer = await client.index(
    { ...target, ...version.index(whole), require_alias: true },
    options,
  );

  return version.answer(withSource(bodyOf(answer), whole));
}

function withSource(answer: JSONObject, _source: JSONObject): JSONObject {
  return { ...answer, get: { _source } };
}

/** Sends an update by a request of its own. Never rejects. */
function sendSingle({ call }: StorageRequest): Promise<Outcome> {
  return outcomeOf(sendAlone(call));
}

/**
 * Stores updates of one collection, several of them by one bulk request. Either all of them are
 * conditional, or none.
 *
 * If storage refuses the whole request without storing anything, all updates are sent one by one, since
 * a single one of them may be the cause. An item is also sent by itself if its error may be worded
 * differently for a single update, unless a later update of its document has been stored already. After
 * any other failure nothing is sent again.
 */
export async function sendUpdates(
  requests: readonly [StorageRequest, ...StorageRequest[]],
): Promise<BatchOutcome> {
  if (requests.length === 1) {
    return { bytes: 0, outcomes: [await sendSingle(requests[0])] };
  }
  try {
    const { alias, call, isConditional } = requests[0];
    const answer = await call.client.bulk(
      {
        index: alias,
        refresh: "false",
        ...call.version.bulk(requests.map(({ lines }) => lines).join("")),
      },
      // For version 8 of the client: with its headers, as version 7 always answers.
      { meta: true, ...(isConditional && { maxRetries: 0 }) },
    );

    return readAnswer(answer as unknown as BulkAnswer, requests);
  } catch (error) {
    return afterFailure(error, requests);
  }
}

function afterFailure(
  error: unknown,
  requests: readonly StorageRequest[],
): BatchOutcome {
  if (isRefusedRequest(error)) {
    return sendOneByOne(requests);
  }
  try {
    // Stored, but the client refuses to parse one of the documents in the answer.
    return readAnswer(unreadAnswer(error), requests, true);
  } catch {
    const outcomes = requests.map(() => ({
      error: memberError(error),
    }));
    return { bytes: 0, outcomes };
  }
}

/** Sends updates by requests of their own, those of the same document one after another. */
export function sendOneByOne(
  requests: readonly StorageRequest[],
): BatchOutcome {
  const last = new Map<string, Promise<Outcome>>();
  const outcomes = requests.map((request) => {
    const sent = Promise.resolve(last.get(request.id)).then(() =>
      sendSingle(request),
    );
    last.set(request.id, sent);
    return sent;
  });

  return { bytes: 0, outcomes };
}

/** @throws if the answer does not have one item for each request */
function readAnswer(
  answer: BulkAnswer,
  requests: readonly StorageRequest[],
  isSuspect = false,
): BatchOutcome {
  const { items } = answer.body;
  if (items.length !== requests.length) {
    throw new Error(
      `Elasticsearch answered ${items.length} of ${requests.length} updates.`,
    );
  }
  const lastOf = new Map(requests.map(({ id }, place) => [id, place]));
  const outcomes = requests.map((request, place) => {
    const { version, whole } = request.call;
    const item = items[place]![whole ? "index" : "update"]!;
    const { error, status } = item;
    if (error) {
      return status === 400 &&
        error.caused_by &&
        lastOf.get(request.id) === place
        ? sendSingle(request)
        : { error: itemError(item, answer, version) };
    }
    try {
      if (isSuspect) {
        request.call.client.serializer.deserialize(JSON.stringify(item));
      }
      return { answer: version.answer(whole ? withSource(item, whole) : item) };
    } catch (unread) {
      return { error: unread };
    }
  });

  return { bytes: bytesOf(answer, answer.body.items), outcomes };
}

/**
 * Estimates the size of the answer to a batch, in bytes. If the answer has no length, the size of the
 * first item is multiplied.
 */
export function bytesOf(
  { headers }: { readonly headers: Readonly<Record<string, string>> },
  members: readonly unknown[],
): number {
  const length = headers["content-encoding"] ? NaN : headers["content-length"];

  return Number(length) || JSON.stringify(members[0]).length * members.length;
}
