import type { JSONObject } from "kuzzle";

import type { ReadCall } from "../kuzzle/WriteTag";
import { type BatchOutcome, type Outcome, outcomeOf } from "./BatchQueue";
import { bytesOf } from "./bulk";

/** A document that Kuzzle reads from its client of Elasticsearch. */
export interface ReadRequest {
  readonly call: ReadCall;
  /** Its part of a multi-get request. */
  readonly lines: string;
}

/** The client's answer to a multi-get request, in both versions. */
interface ReadAnswer {
  readonly body: { readonly docs: readonly JSONObject[] };
  readonly headers: Readonly<Record<string, string>>;
}

/** Timeout of a multi-get request, in ms, after which each document is read by itself. */
const MAX_WAIT = 5_000;

/**
 * Reads documents of one collection by one multi-get request.
 *
 * A document that is missing or cannot be read is read again by itself, so that the error is the native
 * one.
 */
export async function sendReads(
  requests: readonly [ReadRequest, ...ReadRequest[]],
): Promise<BatchOutcome> {
  if (requests.length === 1) {
    return { bytes: 0, outcomes: [await readAlone(requests[0])] };
  }
  try {
    const { client, params, version } = requests[0].call;
    const ids = requests.map(({ call }) => call.params["id"] as string);
    const answer = (await client.mget(
      { index: params["index"] as string, ...version.mget(ids) },
      { maxRetries: 0, meta: true, requestTimeout: MAX_WAIT },
    )) as unknown as ReadAnswer;
    const { docs } = answer.body;
    const outcomes = requests.map((request, place) => {
      const document = docs[place];
      return document?.["found"] === true
        ? { answer: version.answer(document) }
        : readAlone(request);
    });

    return { bytes: bytesOf(answer, docs), outcomes };
  } catch {
    return { bytes: 0, outcomes: requests.map(readAlone) };
  }
}

function readAlone({ call }: ReadRequest): Promise<Outcome> {
  return outcomeOf(call.get.call(call.client, call.params));
}
