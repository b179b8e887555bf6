import { createHash, randomUUID } from "node:crypto";

import type { JSONObject } from "kuzzle";

import { manifest, pluginError } from "../errors";
import type { StoredDocument } from "../storage/StoredDocument";

/** Condition of a conditional write. */
export type WriteCondition = Pick<StoredDocument, "primaryTerm" | "seqNo">;

/** State of the request of a key. */
export interface RequestState {
  /** Hash of the payload. */
  readonly hash: string;
  /** Condition of the only write that may be stored, now or later. Undefined if there is none yet. */
  readonly at?: WriteCondition | undefined;
  /** Answer, once the request is done. */
  readonly answer?: JSONObject;
  /** Whether the request has certainly failed. */
  readonly isFree?: true;
  /** Whether the request was given up with an unknown outcome. */
  readonly isLeft?: true;
}

/** One step of a request. */
export interface RequestStep extends RequestState {
  readonly number: number;
  /** The step as Redis stores it. */
  readonly value: string;
}

/** The embedded SDK's `ms` controller, whose types lack this method. */
export interface MemoryStorage {
  /** Runs commands as one transaction, and returns an error or a result for each. */
  mexecute(
    actions: readonly { readonly action: string; readonly args: JSONObject }[],
  ): Promise<[error: Error | null, result: unknown][]>;
}

/** Number of the final step, higher than any other. */
const LAST = Number.MAX_SAFE_INTEGER;
/** Longest answer that is saved whole, in characters of JSON. */
const MAX_ANSWER = 1_000_000;
/** Timeout of a command to Redis, in ms. */
const MAX_WAIT = 1_000;

/**
 * An append-only log of the steps of one request, in Redis: a hash whose fields are numbered, each set
 * only once. The step with the highest number is the valid one.
 *
 * To append a step, a process reads the last one and sets the next number if it is not set
 * (compare-and-swap). In the same transaction it checks that its number is the highest, that the
 * previous step is still there, and that the value under its number is its own. So no other process has
 * appended in between, and Redis has not lost the key. Of all processes that work on one key, only one
 * can go on, even if a command arrives late or Redis's client sends it twice; there are no locks, and
 * clocks are not compared. Older steps are deleted: if one is set again, it is not the highest.
 */
export class RequestLog {
  readonly #_id: string;
  readonly #ms: MemoryStorage;
  readonly #ttl: number;

  /** @param ttl how long Redis keeps the log after its last step, in ms */
  constructor(
    ms: MemoryStorage,
    kuid: string,
    requestKey: string,
    ttl: number,
  ) {
    const hash = createHash("sha256").update(
      JSON.stringify([kuid, requestKey]),
    );
    this.#_id = `${manifest.name}/requestKeys/${hash.digest("base64url")}`;
    this.#ms = ms;
    this.#ttl = ttl;
  }

  /** Returns the last step, and its age, since it was appended or renewed, in ms of Redis's clock. */
  async read(): Promise<{ age: number; last: RequestStep | undefined }> {
    const [values, left] = (await this.#execute(
      { action: "hvals", args: {} },
      { action: "pttl", args: {} },
    )) as [string[], number];
    let last: (RequestStep & { readonly ttl: number }) | undefined;
    for (const value of values) {
      const step = JSON.parse(value) as RequestStep & { readonly ttl: number };
      if (last === undefined || step.number > last.number) {
        last = { ...step, value };
      }
    }

    return { age: last ? last.ttl - left : 0, last };
  }

  /**
   * Appends a step.
   *
   * @returns nothing if another process has appended one, or Redis has lost the previous one
   * @throws plugin.document-update.request_keys_unavailable; the step may have been appended
   */
  async follow(
    last: RequestStep | undefined,
    state: RequestState,
  ): Promise<RequestStep | undefined> {
    const before = last?.number ?? 0;
    const number = before + 1;
    const value = this.#write(number, state);
    const fields = [String(before), String(number)];
    const results = await this.#execute(
      { action: "hsetnx", args: { body: { field: fields[1], value } } },
      { action: "pexpire", args: { body: { milliseconds: this.#ttl } } },
      { action: "hdel", args: { body: { fields: [String(before - 1)] } } },
      { action: "hmget", args: { fields } },
      { action: "hkeys", args: {} },
    );
    const [followed, own] = results[3] as (string | null)[];
    const numbers = (results[4] as string[]).map(Number);

    return own === value &&
      followed === (last?.value ?? null) &&
      numbers.every((other) => other <= number)
      ? { ...state, number, value }
      : undefined;
  }

  /** Resets the age of the last step, whichever process appended it. */
  async renew(): Promise<void> {
    await this.#execute({
      action: "pexpire",
      args: { body: { milliseconds: this.#ttl } },
    });
  }

  /**
   * Saves the answer of the write that was stored, even if other processes have appended steps since.
   *
   * @throws plugin.document-update.request_keys_unavailable
   */
  async end(state: RequestState): Promise<void> {
    const value = this.#write(LAST, state);
    await this.#execute(
      { action: "hset", args: { body: { field: String(LAST), value } } },
      { action: "pexpire", args: { body: { milliseconds: this.#ttl } } },
    );
  }

  #write(number: number, state: RequestState): string {
    const { answer } = state;
    const step = { ...state, id: randomUUID(), number, ttl: this.#ttl };
    const value = JSON.stringify(step);
    if (answer === undefined || value.length <= MAX_ANSWER) {
      return value;
    }
    const { _id, _version } = answer;

    return JSON.stringify({ ...step, answer: { _id, _version } });
  }

  async #execute(
    ...actions: Parameters<MemoryStorage["mexecute"]>[0]
  ): Promise<unknown[]> {
    try {
      const results = await inTime(
        this.#ms.mexecute(
          actions.map(({ action, args }) => ({
            action,
            args: { _id: this.#_id, ...args },
          })),
        ),
      );
      return results.map(([error, result]) => {
        if (error) {
          throw error;
        }
        return result;
      });
    } catch (cause) {
      const error = pluginError("request_keys_unavailable");
      error.cause = cause;
      throw error;
    }
  }
}

function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Redis has not answered for ${MAX_WAIT} ms.`)),
      MAX_WAIT,
    );
  });

  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
