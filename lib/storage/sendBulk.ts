import type { JSONObject } from "kuzzle";

import { isVersion8 } from "../kuzzle/StorageSeam";
import {
  type BulkAnswer,
  isRefusal,
  itemError,
  memberError,
  unreadAnswer,
} from "./storageErrors";
import { sendAlone, type StorageRequest } from "./StorageRequest";

/** What became of an update. */
export type Outcome =
  { readonly answer: JSONObject } | { readonly error: unknown };

export interface BulkOutcome {
  /** In the order of the requests. */
  readonly outcomes: readonly Outcome[];
  /** Bytes of the answer; 0 where storage does not tell. */
  readonly bytes: number;
}

/** Stores an update by a request of its own. It never rejects. */
export async function sendSingle(request: StorageRequest): Promise<Outcome> {
  try {
    return { answer: await sendAlone(request) };
  } catch (error) {
    return { error };
  }
}

/**
 * Stores updates of one collection by one bulk request. It never rejects.
 *
 * Of a request that storage refused as a whole it has stored nothing: its updates are sent again, one
 * by one, since a single one may be what it could not read. After any other failure nothing is sent
 * again.
 */
export async function sendBulk(
  requests: readonly [StorageRequest, ...StorageRequest[]],
): Promise<BulkOutcome> {
  try {
    const { alias, call } = requests[0];
    const answer = await call.client.bulk(
      {
        index: alias,
        refresh: "false",
        [isVersion8() ? "operations" : "body"]: requests
          .map(({ lines }) => lines)
          .join(""),
      },
      isVersion8() ? { meta: true } : {},
    );

    return readAnswer(answer as unknown as BulkAnswer, requests);
  } catch (error) {
    return afterFailure(error, requests);
  }
}

async function afterFailure(
  error: unknown,
  requests: readonly StorageRequest[],
): Promise<BulkOutcome> {
  if (isRefusal(error)) {
    return { bytes: 0, outcomes: await sendOneByOne(requests) };
  }
  try {
    // Stored, but the client refuses to read what is in one of the documents.
    return readAnswer(unreadAnswer(error), requests, true);
  } catch {
    const outcomes = requests.map((request) => ({
      error: memberError(error, request),
    }));
    return { bytes: 0, outcomes };
  }
}

async function sendOneByOne(
  requests: readonly StorageRequest[],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const request of requests) {
    outcomes.push(await sendSingle(request));
  }

  return outcomes;
}

/** @throws where the answer is not that of these requests */
function readAnswer(
  answer: BulkAnswer,
  requests: readonly StorageRequest[],
  isSuspect = false,
): BulkOutcome {
  const { body, headers } = answer;
  const items = body.items.map(({ update }) => update);
  if (items.length !== requests.length) {
    throw new Error(
      `Elasticsearch answered ${items.length} of ${requests.length} updates.`,
    );
  }
  const outcomes = requests.map((request, place): Outcome => {
    const item = items[place]!;
    if (item["error"]) {
      return { error: itemError(item, answer, request) };
    }
    try {
      if (isSuspect) {
        request.call.client.serializer.deserialize(JSON.stringify(item));
      }
      return { answer: isVersion8() ? item : { body: item } };
    } catch (error) {
      return { error };
    }
  });

  return { bytes: Number(headers["content-length"] ?? 0), outcomes };
}
