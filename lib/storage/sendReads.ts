import type { JSONObject } from "kuzzle";

import { asAnswer, isVersion8 } from "../kuzzle/StorageSeam";
import type { ReadCall } from "../kuzzle/WriteTag";
import { type BatchOutcome, type Outcome, outcomeOf } from "./BatchQueue";
import { bytesOf } from "./bytesOf";

/** A document that Kuzzle's client of Elasticsearch is asked for. */
export interface ReadRequest {
  readonly call: ReadCall;
  /** What it has in a request for several. */
  readonly lines: string;
}

/** Answer of the client to a request for several documents, in either version. */
interface ReadAnswer {
  readonly body: { readonly docs: readonly JSONObject[] };
  readonly headers: Readonly<Record<string, string>>;
}

/** How long several documents are waited for, in ms, before each is asked for by itself. */
const MAX_WAIT = 5_000;

/**
 * Reads documents of one collection by one request.
 *
 * What is not found, or cannot be read, is asked for by itself: so it is answered in native's words.
 */
export async function sendReads(
  requests: readonly [ReadRequest, ...ReadRequest[]],
): Promise<BatchOutcome> {
  if (requests.length === 1) {
    return { bytes: 0, outcomes: [readAlone(requests[0])] };
  }
  try {
    const { client, params } = requests[0].call;
    const body = {
      ids: requests.map(({ call }) => call.params["id"] as string),
    };
    const answer = (await client.mget(
      { index: params["index"] as string, ...(isVersion8() ? body : { body }) },
      {
        maxRetries: 0,
        requestTimeout: MAX_WAIT,
        ...(isVersion8() && { meta: true }),
      },
    )) as unknown as ReadAnswer;
    const { docs } = answer.body;
    const outcomes = requests.map((request, place) => {
      const document = docs[place];
      return document?.["found"] === true
        ? { answer: asAnswer(document) }
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
