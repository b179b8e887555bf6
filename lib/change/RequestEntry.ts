import type { JSONObject, KuzzleError } from "kuzzle";

import { pluginError } from "../errors";
import type {
  RequestLog,
  RequestState,
  RequestStep,
  WriteCondition,
} from "./RequestLog";

/** How long a request is its node's alone, in ms. */
export interface RequestLease {
  /** After its last sign. */
  readonly lease: number;
  /** In all. */
  readonly longest: number;
}

/** How often a lease is renewed before it would end. */
const RENEWALS = 3;

/**
 * What a request that runs holds of its key.
 *
 * A change is stored once, since only one write at a time may be stored: the one whose condition is in
 * the last step. Another condition is taken by whoever has seen that write fail, and only if nobody
 * else has taken a step since. Whoever takes the request over takes that condition, and none after it:
 * of two that write under it, Elasticsearch stores one. The other is told that the outcome is not
 * known, or that somebody is at it, and so is the first when it wakes up too late.
 */
export class RequestEntry {
  readonly #lease: RequestLease;
  readonly #log: RequestLog;
  readonly #requestKey: string;
  /** What a write that somebody else has begun is conditional on: no other may be sent. */
  readonly mustBeAt: WriteCondition | undefined;
  #last: RequestStep;

  constructor(
    log: RequestLog,
    requestKey: string,
    claimed: RequestStep,
    lease: RequestLease,
  ) {
    this.#last = claimed;
    this.#lease = lease;
    this.#log = log;
    this.#requestKey = requestKey;
    this.mustBeAt = claimed.at;
  }

  /**
   * Runs the request. No repeat takes it over meanwhile, unless this node ends, hangs or does not reach
   * Redis for the lease, or the request takes longer than any does that is not stuck.
   */
  async hold<T>(run: () => Promise<T>): Promise<T> {
    const { lease, longest } = this.#lease;
    const end = performance.now() + longest;
    const timer = setInterval(() => {
      if (performance.now() < end) {
        void this.renew();
      } else {
        clearInterval(timer);
      }
    }, lease / RENEWALS);
    timer.unref();
    try {
      return await run();
    } finally {
      clearInterval(timer);
    }
  }

  /** Has repeats wait for the lease from now on. Where Redis fails, they wait no longer: it never rejects. */
  async renew(): Promise<void> {
    await this.#log.renew().catch(() => {});
  }

  /**
   * To be called before each write is sent, when the one before it has failed for sure.
   *
   * @throws plugin.document-update.request_outcome_unknown, plugin.document-update.request_pending,
   * plugin.document-update.request_keys_unavailable: it must not be sent
   */
  async write({ primaryTerm, seqNo }: WriteCondition): Promise<void> {
    const { mustBeAt } = this;
    if (
      mustBeAt &&
      (mustBeAt.seqNo !== seqNo || mustBeAt.primaryTerm !== primaryTerm)
    ) {
      throw this.#unknown();
    }
    await this.#follow({ at: { primaryTerm, seqNo } });
  }

  /** Keeps the answer of a write that was stored. Where Redis fails, repeats are told so: it never rejects. */
  async done(answer: JSONObject): Promise<void> {
    await this.#log.end({ answer, hash: this.#last.hash }).catch(() => {});
  }

  /**
   * Keeps the answer of a request that stored nothing, as there was nothing to store.
   *
   * @throws as `write`: the answer must not be given
   */
  async unchanged(answer: JSONObject): Promise<void> {
    if (this.mustBeAt) {
      throw this.#unknown();
    }
    await this.#follow({ answer });
  }

  /**
   * Frees the key after a failure that is certain: nothing is stored, nor will be.
   *
   * @param error why it failed
   * @throws what the client is to be told: that, unless somebody else may have stored the change
   */
  async free(error: unknown): Promise<never> {
    if (this.mustBeAt) {
      return this.leave(this.#unknown(error));
    }
    await this.#follow({ isFree: true });
    throw error;
  }

  /**
   * Leaves the request to its repeats after a failure of which it is not known whether the write was, or
   * will be, stored. They may only send the same one.
   *
   * @throws the error that is given
   */
  async leave(error: unknown): Promise<never> {
    await this.#follow({ isLeft: true }).catch(() => {});
    throw error;
  }

  async #follow(state: Omit<RequestState, "hash">): Promise<void> {
    const { at, hash } = this.#last;
    const next = await this.#log.follow(this.#last, { at, hash, ...state });
    if (next === undefined) {
      throw pluginError("request_pending", this.#requestKey);
    }
    this.#last = next;
  }

  #unknown(cause?: unknown): KuzzleError {
    const error = pluginError("request_outcome_unknown", this.#requestKey);
    error.cause = cause;

    return error;
  }
}
