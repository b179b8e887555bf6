import type { JSONObject } from "kuzzle";

import type { ClientCall } from "../kuzzle/WriteTag";
import { bodyOf } from "../kuzzle/storageClient";
import { type BatchOutcome, type Outcome, outcomeOf } from "./BatchQueue";
import type { StorageCall, StorageRequest } from "./StorageRequest";
import {
  type BulkAnswer,
  isRefusedRequest,
  itemError,
  memberError,
  unreadAnswer,
} from "./storageErrors";

/** Sends an update unchanged. */
export function sendNatively(call: ClientCall): Promise<JSONObject> {
  return call.update.call(call.client, call.params);
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

/** Stores updates of one collection, several of them by one bulk request. */
export async function sendUpdates(
  requests: readonly [StorageRequest, ...StorageRequest[]],
): Promise<BatchOutcome> {
  return requests.length === 1
    ? { bytes: 0, outcomes: [await sendSingle(requests[0])] }
    : sendBulk(requests);
}

/** Sends an update by a request of its own. Never rejects. */
function sendSingle({ call }: StorageRequest): Promise<Outcome> {
  return outcomeOf(sendAlone(call));
}

/**
 * Stores updates of one collection by one bulk request. Either all of them are conditional, or none.
 *
 * If storage refuses the whole request without storing anything, all updates are sent one by one, since
 * a single one of them may be the cause. An item is also sent by itself if its error may be worded
 * differently for a single update, unless a later update of its document has been stored already. After
 * any other failure nothing is sent again.
 */
export async function sendBulk(
  requests: readonly [StorageRequest, ...StorageRequest[]],
): Promise<BatchOutcome> {
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
