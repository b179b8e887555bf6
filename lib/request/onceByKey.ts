import type { JSONObject, KuzzleRequest } from "kuzzle";

import type { RequestEntry } from "../change/RequestEntry";
import type { RequestKeys } from "../change/RequestKeys";
import { isPlainObject } from "../isPlainObject";
import type { StoredDocument } from "../storage/StoredDocument";
import { isRefusal } from "../write/isRefusal";
import { readHeader } from "./readHeader";

/** Callbacks by which a running request reports its writes. */
export interface KeyedRun {
  /** Called before each try. An earlier write, if any, has certainly failed. */
  readonly beforeTry: () => void;
  /** Called before each write is sent. If it throws, the write is not sent. */
  readonly beforeWrite: (current: StoredDocument) => Promise<void>;
}

/** Either the answer of an earlier request with the same key, or a function that runs this one. */
export type AnswerOrRun<TAnswer> =
  | { readonly answer: TAnswer }
  | {
      readonly run: (
        carryOut: (run: KeyedRun) => Promise<TAnswer>,
      ) => Promise<TAnswer>;
      /** Saves the answer again if pipes have changed it since the run. Never rejects. */
      readonly keep: (answer: unknown) => Promise<void>;
    };

/**
 * Carries out a request only once for each key (idempotency key) that the client gives: `requestKey`, or
 * over HTTP the header `Idempotency-Key`. A repeat gets the answer of the first request.
 *
 * @param payloadOf returns the parts of the request that decide what is stored and answered
 * @throws plugin.document-update.invalid_request_key, plugin.document-update.request_key_reused,
 * plugin.document-update.request_pending, plugin.document-update.request_keys_unavailable; `run` also
 * plugin.document-update.request_outcome_unknown
 */
export async function onceByKey<TAnswer extends JSONObject>(
  keys: RequestKeys,
  request: KuzzleRequest,
  payloadOf: () => unknown,
): Promise<AnswerOrRun<TAnswer>> {
  const requestKey: unknown =
    request.input.args["requestKey"] ?? readHeader(request, "idempotency-key");
  if (requestKey === undefined) {
    return {
      keep: () => Promise.resolve(),
      run: (carryOut) => carryOut(withoutKey),
    };
  }
  const kuid = String(request.getKuid());
  const begun = await keys.begin({
    kuid,
    payload: payloadOf(),
    requestKey,
  });

  if ("answer" in begun) {
    return { answer: begun.answer };
  }
  const { entry } = begun;
  let saved: string | undefined;

  return {
    keep: async (answer) => {
      const text = textOf(answer);
      if (text !== undefined && text !== saved) {
        await entry.done(answer as TAnswer);
      }
    },
    run: async (carryOut) => {
      const answer = await entry.hold(() => runFor(entry, carryOut));
      saved = textOf(answer);
      return answer;
    },
  };
}

/** @returns undefined for what cannot be saved: pipes may return anything */
function textOf(answer: unknown): string | undefined {
  try {
    return isPlainObject(answer) ? JSON.stringify(answer) : undefined;
  } catch {
    return undefined;
  }
}

const withoutKey: KeyedRun = {
  beforeTry: () => {},
  beforeWrite: () => Promise.resolve(),
};

async function runFor<TAnswer extends JSONObject>(
  entry: RequestEntry,
  carryOut: (run: KeyedRun) => Promise<TAnswer>,
): Promise<TAnswer> {
  let mayBeStored = false;
  let answer: TAnswer;
  try {
    answer = await carryOut({
      beforeTry: () => {
        mayBeStored = false;
      },
      beforeWrite: async (current) => {
        await entry.write(current);
        mayBeStored = true;
      },
    });
  } catch (error) {
    return mayBeStored && !isRefusal(error)
      ? entry.leave(error)
      : entry.free(error);
  }
  await (mayBeStored ? entry.done(answer) : entry.unchanged(answer));

  return answer;
}
