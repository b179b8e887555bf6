import { inspect } from "node:util";

import type { JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import { ANONYMOUS } from "../kuzzle/Impersonation";
import { hashPayload } from "./hashPayload";
import { RequestEntry, type RequestLease } from "./RequestEntry";
import { type MemoryStorage, RequestLog } from "./RequestLog";

/** A request whose client has given a key. */
export interface KeyedRequest {
  readonly kuid: string;
  readonly requestKey: unknown;
  /** The parts of the request that decide what is stored and answered, as the client sent them. */
  readonly payload: unknown;
}

export interface RequestKeyLimits extends RequestLease {
  /** How long a key is remembered, in ms. */
  readonly ttl: number;
}

const MAX_LENGTH = 255;

/**
 * Makes sure that requests with the same key are carried out only once, even if they reach different
 * nodes, or a node dies in between. This holds as long as Redis keeps the keys: of its eviction
 * policies, only `noeviction` guarantees that.
 */
export class RequestKeys {
  readonly #limits: RequestKeyLimits;
  readonly #ms: MemoryStorage;

  constructor(ms: MemoryStorage, limits: RequestKeyLimits) {
    this.#limits = limits;
    this.#ms = ms;
  }

  /**
   * Returns the answer of an earlier request with the same key, or the entry with which to carry out
   * this one.
   *
   * An answer of more than a million characters is reduced to `_id` and `_version`.
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
