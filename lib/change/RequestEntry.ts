import type { JSONObject, KuzzleError } from "kuzzle";

import { pluginError } from "../errors";
import type {
  RequestLog,
  RequestState,
  RequestStep,
  WriteCondition,
} from "./RequestLog";

/** Time limits, in ms, within which a node alone may carry out a request. */
export interface RequestLease {
  /** Since the last renewal. */
  readonly lease: number;
  /** In total. */
  readonly longest: number;
}

/** A lease is renewed this many times within its length. */
const RENEWALS = 3;

/**
 * The log of a request key, as the running request uses it.
 *
 * A change is stored only once, because only one conditional write may be stored at a time: the one
 * whose condition is in the last step of the log. A step with another condition may be appended only by
 * the process that has seen the previous write fail, and only if no other process has appended a step
 * since. A process that takes the request over keeps the condition and can send no other write: of two
 * writes with the same condition, Elasticsearch stores one. The process that loses gets an error that
 * the outcome is unknown, or that the request is pending. So does the first process, if it goes on too
 * late.
 */
export class RequestEntry {
  readonly #lease: RequestLease;
  readonly #log: RequestLog;
  readonly #requestKey: string;
  /** Condition of a write that another process may have sent: a write with another condition must not be sent. */
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
   * Runs the request while renewing its lease. A repeat can take it over only if this node ends, hangs
   * or cannot reach Redis for the length of the lease, or if the request takes longer than the total
   * limit.
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

  /** Renews the lease. Never rejects: if Redis fails, the lease just ends earlier. */
  async renew(): Promise<void> {
    await this.#log.renew().catch(() => {});
  }

  /**
   * To be called before each write, after the previous write has certainly failed. If it throws, the
   * write must not be sent.
   *
   * @throws plugin.document-update.request_outcome_unknown, plugin.document-update.request_pending,
   * plugin.document-update.request_keys_unavailable
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

  /** Saves the answer of a stored write. Never rejects: if Redis fails, repeats get an error. */
  async done(answer: JSONObject): Promise<void> {
    await this.#log.end({ answer, hash: this.#last.hash }).catch(() => {});
  }

  /**
   * Saves the answer of a request that had nothing to store.
   *
   * @throws as `write`; the answer must not be sent then
   */
  async unchanged(answer: JSONObject): Promise<void> {
    if (this.mustBeAt) {
      throw this.#unknown();
    }
    await this.#follow({ answer });
  }

  /**
   * Releases the key after a failure with a certain outcome: nothing is stored, and nothing will be.
   *
   * @param error why the request failed
   * @throws the error for the client: the given one, or request_outcome_unknown if another process may
   * have stored the change
   */
  async free(error: unknown): Promise<never> {
    if (this.mustBeAt) {
      return this.leave(this.#unknown(error));
    }
    await this.#follow({ isFree: true });
    throw error;
  }

  /**
   * Leaves the request to its repeats after a failure with an unknown outcome: the write may have been
   * stored, or still be. A repeat may only send the same write.
   *
   * @throws the given error
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
