import { createHash, randomUUID } from "node:crypto";

import type { JSONObject } from "kuzzle";

import { manifest, pluginError } from "../errors";
import type { StoredDocument } from "../storage/StoredDocument";

/** What a conditional write is conditional on. */
export type WriteCondition = Pick<StoredDocument, "primaryTerm" | "seqNo">;

/** How far the request of a key has come. */
export interface RequestState {
  /** Of the payload. */
  readonly hash: string;
  /** Of the only write that may be stored, by now or later. Without it, there is none. */
  readonly at?: WriteCondition | undefined;
  /** Of a request that is done. */
  readonly answer?: JSONObject;
  /** Whether it has failed for sure. */
  readonly isFree?: true;
  /** Whether nobody works on it any more, though its outcome is not known. */
  readonly isLeft?: true;
}

/** One step of a request. */
export interface RequestStep extends RequestState {
  readonly number: number;
  /** How Redis keeps it. */
  readonly value: string;
}

/** The embedded SDK's `ms`, which has no types. */
export interface MemoryStorage {
  /** Runs commands as one transaction, and answers an error or a result for each. */
  mexecute(
    actions: readonly { readonly action: string; readonly args: JSONObject }[],
  ): Promise<[error: Error | null, result: unknown][]>;
}

/** Comes after all others. */
const LAST = Number.MAX_SAFE_INTEGER;
/** Most characters of an answer that is kept whole. */
const MAX_ANSWER = 1_000_000;
/** How long Redis is waited for, in ms. */
const MAX_WAIT = 1_000;

/**
 * The steps of the request of one key, in Redis: numbered fields of a hash, each set once, of which the
 * highest counts.
 *
 * Who takes a step has read the one that it follows, and sets the next number, unless it is set. It is
 * taken if, in that same moment, the number is the highest, what it follows is still there, and what
 * it holds is this very step: nobody else has gone on from there, nor has Redis lost the key. So of all
 * that act for one key one can go on, however late a command arrives, and however often Redis's client
 * sends it: neither clocks nor locks decide. Numbers further back are removed; set anew, they are not
 * the highest.
 */
export class RequestLog {
  readonly #_id: string;
  readonly #ms: MemoryStorage;
  readonly #ttl: number;

  /** @param ttl how long Redis keeps it after its last step, in ms */
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

  /** Returns the step that counts, and how long ago it was taken or renewed, in ms of Redis's clock. */
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
   * Takes a step.
   *
   * @returns nothing where it does not count: somebody else has taken one, or Redis has lost the last
   * @throws plugin.document-update.request_keys_unavailable: it may count
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

  /** Has the last step be as if it was taken just now, whoever has taken it. */
  async renew(): Promise<void> {
    await this.#execute({
      action: "pexpire",
      args: { body: { milliseconds: this.#ttl } },
    });
  }

  /**
   * Keeps the answer of the one write that was stored, whoever has taken steps meanwhile.
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
