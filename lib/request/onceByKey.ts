import type { JSONObject, KuzzleRequest } from "kuzzle";

import type { RequestEntry } from "../change/RequestEntry";
import type { RequestKeys } from "../change/RequestKeys";
import type { StoredDocument } from "../storage/StoredDocument";
import { isRefusal } from "../write/isRefusal";

/** What a request that runs tells of its writes. */
export interface KeyedRun {
  /** Called each time that it begins anew: a write before has failed for sure. */
  readonly beforeTry: () => void;
  /** Called before each write is sent. @throws to have it not sent */
  readonly beforeWrite: (current: StoredDocument) => Promise<void>;
}

/** What a request with a key comes to: the answer of an earlier one, or its own run. */
export type KeyedRequest<TAnswer> =
  | { readonly answer: TAnswer }
  | {
      readonly run: (
        carryOut: (run: KeyedRun) => Promise<TAnswer>,
      ) => Promise<TAnswer>;
    };

/**
 * Has a request be carried out once for each key that its client gives: `requestKey`, or over HTTP the
 * header `Idempotency-Key`. A repeat is answered what the first one was.
 *
 * @param payloadOf returns all that decides what is stored and answered
 * @throws plugin.document-update.invalid_request_key, plugin.document-update.request_key_reused,
 * plugin.document-update.request_pending, plugin.document-update.request_keys_unavailable; `run` also
 * plugin.document-update.request_outcome_unknown
 */
export async function onceByKey<TAnswer extends JSONObject>(
  keys: RequestKeys,
  request: KuzzleRequest,
  payloadOf: () => unknown,
): Promise<KeyedRequest<TAnswer>> {
  const requestKey = keyOf(request);
  if (requestKey === undefined) {
    return { run: (carryOut) => carryOut(withoutKey) };
  }
  const kuid = String(request.getKuid());
  const begun = await keys.begin({
    kuid,
    payload: payloadOf(),
    requestKey,
  });

  return "answer" in begun
    ? { answer: begun.answer }
    : {
        run: (carryOut) =>
          begun.entry.hold(() => runFor(begun.entry, carryOut)),
      };
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

function keyOf({ context, input }: KuzzleRequest): unknown {
  const { misc, protocol } = context.connection;
  const headers = misc.headers as Readonly<Record<string, string>> | undefined;
  const inHeader =
    protocol === "http" ? headers?.["idempotency-key"] : undefined;

  return input.args["requestKey"] ?? inHeader;
}
