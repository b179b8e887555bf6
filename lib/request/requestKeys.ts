import { createHash, randomUUID } from "node:crypto";
import { inspect } from "node:util";

import { type JSONObject, KuzzleError, type KuzzleRequest } from "kuzzle";

import { manifest, pluginError } from "../errors";
import { ANONYMOUS } from "../kuzzle/application";
import type { ChangedDocument } from "../change/decide";
import { ABSENT, type StoredDocument } from "../storage/readDocuments";
import { isRefusal } from "../write/outcomes";
import { readHeader } from "./nativeRequest";

/** What a request was answered: its result, its error, or both. */
export type Answer = Pick<KuzzleRequest, "error" | "result">;

/** An answer as it is saved: the error without its stack, which is that of the first request. */
interface SavedAnswer {
  readonly error: ReturnType<typeof fieldsOf> | null;
  readonly result: unknown;
}

/** What is saved of an answer that is too long, or no JSON. */
type Identity = Pick<ChangedDocument, "_id" | "_version">;

/** Condition of a conditional write. */
type WriteCondition = Pick<StoredDocument, "primaryTerm" | "seqNo">;

/** State of the request of a key. */
interface RequestState {
  /** Hash of what decides the result. */
  readonly hash: string;
  /** Condition of the only write that may be stored, now or later. Undefined if there is none yet. */
  readonly at?: WriteCondition | undefined;
  /** What it was answered, once it is done. */
  readonly outcome?: SavedAnswer;
  /** Whether the request has certainly failed. */
  readonly isFree?: true;
  /** Whether the request was given up with an unknown outcome. */
  readonly isLeft?: true;
}

/** One step of a request. */
interface RequestStep extends RequestState {
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

/** Longest key, in characters. */
const MAX_KEY = 255;
/** A running request with a key renews its lease. After this long, in ms, without that it is taken for dead. */
const LEASE = 30_000;
/** A lease is renewed this many times within its length. */
const RENEWALS = 3;
/**
 * Upper bound, in ms, of the last try of a request that is not stuck; the time for which it may wait and
 * retry comes on top. That try asks storage up to four times (read the document, validate it, wait for
 * another write of the document, and store it), and Elasticsearch's client tries each of these four
 * times for 30 s.
 */
const LONGEST_TRY = 4 * 4 * 30_000;
/** Number of the final step, higher than any other. */
const LAST = Number.MAX_SAFE_INTEGER;
/** The condition of no write: a process that takes over a request that had nothing to store must not store it. */
const NOWHERE: WriteCondition = { primaryTerm: 0, seqNo: -1 };
/** Longest answer that is saved whole, in characters of JSON. */
const MAX_ANSWER = 1_000_000;
/** Timeout of a command to Redis, in ms. */
const MAX_WAIT = 1_000;

/**
 * Has requests with the same key (idempotency key) carried out only once, even if they reach different
 * nodes, or a node dies in between: a repeat gets the answer of the first. The client gives the key as
 * `requestKey`, or over HTTP in the header `Idempotency-Key`.
 *
 * This holds as long as Redis keeps the keys: of its eviction policies, only `noeviction` guarantees that.
 */
export class RequestKeys {
  /** How long a request renews its lease, in ms. */
  readonly #longest: number;
  readonly #redis: Redis;
  /** Hashes of what clients have sent, before pipes have changed it. */
  readonly #sent = new WeakMap<KuzzleRequest, string>();
  readonly #ttl: number;

  /**
   * @param maxWait how long a change may wait and be retried, in ms
   * @param ttl how long a key is remembered, in ms
   */
  constructor(ms: MemoryStorage, maxWait: number, ttl: number) {
    this.#longest = 2 * maxWait + LONGEST_TRY;
    this.#redis = new Redis(ms);
    this.#ttl = ttl;
  }

  /**
   * Notes what a client has sent, before pipes change it: what they add, such as a time, must not make a
   * repeat another request.
   */
  note(request: KuzzleRequest, payloadOf: () => unknown): void {
    if (keyOf(request) === undefined) {
      return;
    }
    try {
      this.#sent.set(request, hashPayload(payloadOf()));
    } catch {
      // An invalid argument, which is refused later.
    }
  }

  /**
   * Returns the answer of an earlier request with the same key, or what to carry this one out with.
   *
   * An answer of more than a million characters is reduced to `_id` and `_version` of what was written.
   *
   * @param payloadOf returns the parts of the request that decide what is stored and answered
   * @returns nothing, at once, if the request has no key
   * @throws plugin.document-update.invalid_request_key, plugin.document-update.request_key_reused,
   * plugin.document-update.request_pending, plugin.document-update.request_keys_unavailable
   */
  begin(
    request: KuzzleRequest,
    payloadOf: () => unknown,
  ): Promise<Answer | KeyedRun> | undefined {
    const given = keyOf(request);

    return given === undefined
      ? undefined
      : this.#begin(given, request, payloadOf);
  }

  async #begin(
    given: unknown,
    request: KuzzleRequest,
    payloadOf: () => unknown,
  ): Promise<Answer | KeyedRun> {
    const kuid = request.getKuid();
    const key = readRequestKey(given, kuid);
    const hash = this.#sent.get(request) ?? hashPayload(payloadOf());
    const log = new RequestLog(this.#redis, String(kuid), key, this.#ttl);

    const { age, last } = await log.read();
    const first = last?.isFree ? undefined : last;
    if (first && first.hash !== hash) {
      throw pluginError("request_key_reused", key);
    }
    if (first?.outcome) {
      return revived(first.outcome);
    }
    const isUnderWay = first && !first.isLeft && age < LEASE;
    const claimed = isUnderWay
      ? undefined
      : await log.claim(last, { at: first?.at, hash });
    if (claimed === undefined) {
      throw pluginError("request_pending", key);
    }

    return new KeyedRun(log, key, claimed, this.#longest);
  }
}

/**
 * A running request with a key, and the log of its steps.
 *
 * A change is stored only once, because only one conditional write may be stored at a time: the one
 * whose condition is in the last step of the log. A step with another condition may be appended only by
 * the process that has seen the previous write fail, and only if no other process has appended a step
 * since. A process that takes the request over keeps the condition and can send no other write: of two
 * writes with the same condition, Elasticsearch stores one. The process that loses gets an error that
 * the outcome is unknown, or that the request is pending. So does the first process, if it goes on too
 * late.
 *
 * The lease is renewed until the request has been answered. A repeat can take it over only if this node
 * ends, hangs or cannot reach Redis for the length of the lease, or if the request takes longer than the
 * total limit.
 */
export class KeyedRun {
  #hasFailed = false;
  readonly #key: string;
  #last: RequestStep;
  readonly #log: RequestLog;
  #document: Identity | undefined;
  #mayBeStored = false;
  /** Condition of a write that another process may have sent: a write with another one must not be sent. */
  readonly #mustBeAt: WriteCondition | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(
    log: RequestLog,
    key: string,
    claimed: RequestStep,
    longest: number,
  ) {
    this.#key = key;
    this.#last = claimed;
    this.#log = log;
    this.#mustBeAt = claimed.at;
    const end = performance.now() + longest;
    this.#timer = setInterval(() => {
      if (performance.now() < end) {
        // If Redis fails, the lease just ends earlier.
        void log.renew().catch(() => {});
      } else {
        clearInterval(this.#timer);
      }
    }, LEASE / RENEWALS);
    this.#timer.unref();
  }

  /** To be called before each try: an earlier write, if any, has certainly failed. */
  beforeTry(): void {
    this.#mayBeStored = false;
  }

  /**
   * To be called before each write is sent. If it throws, the write must not be sent.
   *
   * @throws plugin.document-update.request_outcome_unknown, plugin.document-update.request_pending,
   * plugin.document-update.request_keys_unavailable
   */
  async beforeWrite({ primaryTerm, seqNo }: WriteCondition): Promise<void> {
    if (this.#hasFailed) {
      // It came too late: another request may have the key.
      throw pluginError("request_pending", this.#key);
    }
    const at = this.#mustBeAt;
    // A document that another process may have created may have been deleted since: it is not created again.
    const isOther =
      at?.seqNo !== seqNo ||
      at.primaryTerm !== primaryTerm ||
      seqNo === ABSENT.seqNo;
    if (at && isOther) {
      throw this.#unknown();
    }
    await this.#follow({ at: { primaryTerm, seqNo } });
    this.#mayBeStored = true;
  }

  /**
   * Carries the request out. If that fails for certain, the key is free again; if the write may have been
   * stored, or still be, the request is left to its repeats, which may only send the same write.
   *
   * @throws the error for the client
   */
  async run<TAnswer extends Identity>(
    carryOut: () => Promise<TAnswer>,
  ): Promise<TAnswer> {
    try {
      const answer = await carryOut();
      this.#document = answer;
      if (!this.#mayBeStored) {
        if (this.#mustBeAt) {
          throw this.#unknown();
        }
        // Nothing to store, as far as no other process has taken the request over, nor does it later.
        await this.#follow({ at: NOWHERE });
      }
      return answer;
    } catch (error) {
      this.#end();
      throw await this.#failed(error);
    }
  }

  /** Saves what the request was answered. Never rejects: if Redis fails, repeats get an error. */
  async save(answer: Answer): Promise<void> {
    this.#end();
    if (this.#hasFailed) {
      return;
    }
    const { hash } = this.#last;
    const outcome = savedOf(answer, this.#document);
    await this.#log.end({ hash, outcome }).catch(() => {});
  }

  #end(): void {
    clearInterval(this.#timer);
  }

  async #failed(error: unknown): Promise<unknown> {
    this.#hasFailed = true;
    if (this.#mayBeStored && !isRefusal(error)) {
      await this.#follow({ isLeft: true }).catch(() => {});
      return error;
    }
    if (this.#mustBeAt) {
      await this.#follow({ isLeft: true }).catch(() => {});
      return this.#unknown(error);
    }
    try {
      await this.#follow({ isFree: true });
      return error;
    } catch (refusal) {
      return refusal;
    }
  }

  async #follow(state: Omit<RequestState, "hash">): Promise<void> {
    const { at, hash } = this.#last;
    const next = await this.#log.follow(this.#last, { at, hash, ...state });
    if (next === undefined) {
      throw pluginError("request_pending", this.#key);
    }
    this.#last = next;
  }

  #unknown(cause?: unknown): KuzzleError {
    const error = pluginError("request_outcome_unknown", this.#key);
    error.cause = cause;

    return error;
  }
}

/** Returns what is saved of an answer. @param document what the request has written, before pipes saw it */
function savedOf(
  { error, result }: Answer,
  document: Identity | undefined,
): SavedAnswer {
  const saved = error && fieldsOf(error);
  try {
    const outcome = { error: saved, result };
    if (JSON.stringify(outcome).length <= MAX_ANSWER) {
      return outcome;
    }
  } catch {
    // A pipe may have made anything the result, also what JSON cannot represent.
  }

  const { _id, _version } = Object(document) as Partial<Identity>;

  return { error: saved, result: { _id, _version } };
}

function fieldsOf({ code, id, message, props, status }: KuzzleError) {
  return { code, id, message, props, status };
}

/** Makes an error again of what is saved of it. */
function revived({ error, result }: SavedAnswer): Answer {
  if (!error) {
    return { error: null, result };
  }
  const { code, id, message, props, status } = error;
  const made = new KuzzleError(message, status, id, code);
  made.props = props;

  return { error: made, result };
}

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
class RequestLog {
  readonly #_id: string;
  readonly #redis: Redis;
  readonly #ttl: number;

  /** @param ttl how long Redis keeps the log after its last step, in ms */
  constructor(redis: Redis, kuid: string, key: string, ttl: number) {
    const hash = createHash("sha256").update(JSON.stringify([kuid, key]));
    this.#_id = `${manifest.name}/requestKeys/${hash.digest("base64url")}`;
    this.#redis = redis;
    this.#ttl = ttl;
  }

  /** Returns the last step, and its age, since it was appended or renewed, in ms of Redis's clock. */
  async read(): Promise<{ age: number; last: RequestStep | undefined }> {
    const [values, left] = (await this.#redis.execute(this.#_id, [
      { action: "hvals", args: {} },
      { action: "pttl", args: {} },
    ])) as [string[], number];
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
   * Appends the first step of a request. If Redis carries that out only after its timeout, the step is
   * taken back: nobody works on the request.
   */
  claim(
    last: RequestStep | undefined,
    state: RequestState,
  ): Promise<RequestStep | undefined> {
    return this.follow(last, state, (late) => {
      if (late) {
        void this.follow(late, { ...state, isFree: true }).catch(() => {});
      }
    });
  }

  /**
   * Appends a step.
   *
   * @param onLate is told of the step if Redis has appended it after its timeout
   * @returns nothing if another process has appended one, or Redis has lost the previous one
   * @throws plugin.document-update.request_keys_unavailable; the step may have been appended
   */
  async follow(
    last: RequestStep | undefined,
    state: RequestState,
    onLate?: (step: RequestStep | undefined) => void,
  ): Promise<RequestStep | undefined> {
    const before = last?.number ?? 0;
    const number = before + 1;
    const value = this.#write(number, state);
    const fields = [String(before), String(number)];
    const toStep = (results: readonly unknown[]): RequestStep | undefined => {
      const [followed, own] = results[3] as (string | null)[];
      const numbers = (results[4] as string[]).map(Number);
      return own === value &&
        followed === (last?.value ?? null) &&
        numbers.every((other) => other <= number)
        ? { ...state, number, value }
        : undefined;
    };

    return toStep(
      await this.#redis.execute(
        this.#_id,
        [
          { action: "hsetnx", args: { body: { field: fields[1], value } } },
          { action: "pexpire", args: { body: { milliseconds: this.#ttl } } },
          { action: "hdel", args: { body: { fields: [String(before - 1)] } } },
          { action: "hmget", args: { fields } },
          { action: "hkeys", args: {} },
        ],
        onLate && ((results) => onLate(toStep(results))),
      ),
    );
  }

  /** Resets the age of the last step, whichever process appended it. */
  async renew(): Promise<void> {
    await this.#redis.execute(this.#_id, [
      { action: "pexpire", args: { body: { milliseconds: this.#ttl } } },
    ]);
  }

  /**
   * Saves what a request was answered, even if other processes have appended steps since.
   *
   * @throws plugin.document-update.request_keys_unavailable
   */
  async end(state: RequestState): Promise<void> {
    const value = this.#write(LAST, state);
    await this.#redis.execute(this.#_id, [
      { action: "hset", args: { body: { field: String(LAST), value } } },
      { action: "pexpire", args: { body: { milliseconds: this.#ttl } } },
    ]);
  }

  #write(number: number, state: RequestState): string {
    return JSON.stringify({
      ...state,
      id: randomUUID(),
      number,
      ttl: this.#ttl,
    });
  }
}

/** Redis, through Kuzzle, with a timeout. */
class Redis {
  readonly #ms: MemoryStorage;
  /** When the commands that are not answered yet were sent, by `performance.now()`. The first is the oldest. */
  readonly #underWay = new Set<{ readonly since: number }>();

  constructor(ms: MemoryStorage) {
    this.#ms = ms;
  }

  /**
   * Runs commands on a key as one transaction. While an earlier one waits for its answer beyond its
   * timeout, nothing is sent: changes must not wait for a Redis that hangs one after another.
   *
   * @param onLate is given the results if they come after the timeout
   * @throws plugin.document-update.request_keys_unavailable
   */
  async execute(
    _id: string,
    actions: Parameters<MemoryStorage["mexecute"]>[0],
    onLate: (results: readonly unknown[]) => void = () => {},
  ): Promise<readonly unknown[]> {
    const since = performance.now();
    const [oldest] = this.#underWay;
    if (oldest && since - oldest.since > MAX_WAIT) {
      throw unavailable(new Error("Redis does not answer."));
    }
    const own = { since };
    this.#underWay.add(own);
    const run = async () => {
      try {
        const results = await this.#ms.mexecute(
          actions.map(({ action, args }) => ({
            action,
            args: { _id, ...args },
          })),
        );
        return results.map(([error, result]) => {
          if (error) {
            throw error;
          }
          return result;
        });
      } finally {
        this.#underWay.delete(own);
      }
    };

    return new Promise((resolve, reject) => {
      let isLate = false;
      const fail = (cause: unknown) => reject(unavailable(cause));
      const timer = setTimeout(() => {
        isLate = true;
        fail(new Error(`Redis has not answered for ${MAX_WAIT} ms.`));
      }, MAX_WAIT);
      run()
        .finally(() => clearTimeout(timer))
        .then((values) => (isLate ? onLate(values) : resolve(values)))
        .catch(fail);
    });
  }
}

function unavailable(cause: unknown): KuzzleError {
  const error = pluginError("request_keys_unavailable");
  error.cause = cause;

  return error;
}

function keyOf(request: KuzzleRequest): unknown {
  return (
    request.input.args["requestKey"] ?? readHeader(request, "idempotency-key")
  );
}

function readRequestKey(requestKey: unknown, kuid: string | null): string {
  if (
    typeof requestKey !== "string" ||
    requestKey === "" ||
    requestKey.length > MAX_KEY
  ) {
    throw pluginError(
      "invalid_request_key",
      `a string of 1 to ${MAX_KEY} characters`,
      inspect(requestKey, { depth: -1, maxStringLength: MAX_KEY }),
    );
  }
  if (kuid === null || kuid === ANONYMOUS) {
    throw pluginError(
      "invalid_request_key",
      "a user who is logged in",
      kuid === null ? "none" : "the anonymous one",
    );
  }

  return requestKey;
}

/**
 * Hashes a payload. Equal payloads have the same hash, whatever the order of their properties.
 *
 * Not recursive: a payload that is nested too deeply is refused elsewhere, not by a stack overflow here.
 *
 * @param payload a JSON value
 */
export function hashPayload(payload: unknown): string {
  const hash = createHash("sha256");
  const waiting = [payload];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== "object" || value === null) {
      hash.update(`${JSON.stringify(value)},`);
      continue;
    }
    // Each container starts with its number of values, so that different payloads are never serialized
    // alike.
    const isList = Array.isArray(value);
    const keys = isList ? Object.keys(value) : Object.keys(value).sort();
    hash.update(isList ? `[${value.length},` : JSON.stringify({ keys }));
    for (const key of keys) {
      waiting.push((value as Readonly<Record<string, unknown>>)[key]);
    }
  }

  return hash.digest("base64url");
}
