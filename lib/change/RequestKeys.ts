import { inspect } from "node:util";

import type { JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import { ANONYMOUS } from "../kuzzle/Impersonation";
import { hashPayload } from "./hashPayload";
import { RequestEntry, type RequestLease } from "./RequestEntry";
import { type MemoryStorage, RequestLog } from "./RequestLog";

/** A request to which its client has given a key. */
export interface KeyedRequest {
  readonly kuid: string;
  readonly requestKey: unknown;
  /** All that decides what is stored and answered, as the client sent it. */
  readonly payload: unknown;
}

export interface RequestKeyLimits extends RequestLease {
  /** How long a key is remembered, in ms. */
  readonly ttl: number;
}

const MAX_LENGTH = 255;

/**
 * Has a request that is sent again with the same key not be carried out again: by whichever node, and
 * whatever died in between. It holds as long as Redis keeps its keys, which of all its eviction
 * policies `noeviction` alone promises.
 */
export class RequestKeys {
  readonly #limits: RequestKeyLimits;
  readonly #ms: MemoryStorage;

  constructor(ms: MemoryStorage, limits: RequestKeyLimits) {
    this.#limits = limits;
    this.#ms = ms;
  }

  /**
   * Returns the answer of a request that was sent before, or what the request needs to be carried out.
   *
   * An answer of more than a million characters is kept as `_id` and `_version` alone.
   *
   * @throws plugin.document-update.invalid_request_key, plugin.document-update.request_key_reused,
   * plugin.document-update.request_pending, plugin.document-update.request_keys_unavailable
   */
  async begin({
    kuid,
    payload,
    requestKey,
  }: KeyedRequest): Promise<
    { readonly answer: JSONObject } | { readonly entry: RequestEntry }
  > {
    const key = readRequestKey(requestKey, kuid);
    const hash = hashPayload(payload);
    const { lease, ttl } = this.#limits;
    const log = new RequestLog(this.#ms, kuid, key, ttl);

    const { age, last } = await log.read();
    const first = last?.isFree ? undefined : last;
    if (first && first.hash !== hash) {
      throw pluginError("request_key_reused", key);
    }
    if (first?.answer) {
      return { answer: first.answer };
    }
    const isUnderWay = first && !first.isLeft && age < lease;
    const claimed = isUnderWay
      ? undefined
      : await log.follow(last, { at: first?.at, hash });
    if (claimed === undefined) {
      throw pluginError("request_pending", key);
    }

    return { entry: new RequestEntry(log, key, claimed, this.#limits) };
  }
}

function readRequestKey(requestKey: unknown, kuid: string): string {
  if (
    typeof requestKey !== "string" ||
    requestKey === "" ||
    requestKey.length > MAX_LENGTH
  ) {
    throw pluginError(
      "invalid_request_key",
      `a string of 1 to ${MAX_LENGTH} characters`,
      inspect(requestKey, { depth: -1, maxStringLength: MAX_LENGTH }),
    );
  }
  if (kuid === ANONYMOUS) {
    throw pluginError(
      "invalid_request_key",
      "a user who is logged in",
      "the anonymous one",
    );
  }

  return requestKey;
}
