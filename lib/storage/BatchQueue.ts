import type { JSONObject } from "kuzzle";

/** Most items in a batch. */
const MAX_SIZE = 200;
/** Most bytes in a request: proxies commonly refuse more than 1 MiB. */
const MAX_BYTES = 1_000_000;
/** Intended size of an answer, in bytes. An answer contains whole documents. */
const MAX_ANSWER_BYTES = 8_000_000;
/** Most items in a batch until the size of the documents is known. */
const FIRST_SIZE = 16;
/** After this long, in ms, the next batch no longer waits for a slow request. */
const PATIENCE = 100;

/** Outcome of one item of a batch. */
export type Outcome =
  { readonly answer: JSONObject } | { readonly error: unknown };

/** Turns the promise of a client call into one of its outcome, which never rejects. */
export function outcomeOf(answered: Promise<JSONObject>): Promise<Outcome> {
  return answered.then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  );
}

export interface BatchOutcome {
  /** In the order of the batch. A promise is for an item that is sent again. */
  readonly outcomes: readonly (Outcome | Promise<Outcome>)[];
  /** Approximate size of the answer, in bytes; 0 if it says nothing about the next one. */
  readonly bytes: number;
}

/** A request to storage for one document. */
interface Member {
  /** Its lines in the batch request. */
  readonly lines: string;
  /** Identifier of a document that may be in only one request at a time. */
  readonly id?: string;
  /** Conditional and unconditional items are not put into the same batch. */
  readonly isConditional?: boolean;
}

/** Sends a batch to storage. */
export type SendBatch<TMember> = (
  batch: readonly [TMember, ...TMember[]],
) => Promise<BatchOutcome>;

interface Waiting<TMember> {
  readonly member: TMember;
  readonly resolve: (answer: JSONObject) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Queues the requests to storage for one collection, and sends them in batches. While a request is under
 * way, new items are queued, and leave together when it is answered, in their order. If no request is
 * under way, an item leaves at once, together with those that are added in the same turn of the event
 * loop.
 *
 * An updated document is in only one request at a time, so that its updates neither conflict nor
 * overtake each other. After a while, a slow request only holds up updates of its own documents.
 */
export class BatchQueue<TMember extends Member> {
  readonly #sendBatch: SendBatch<TMember>;
  #waiting: Waiting<TMember>[] = [];
  /** Documents of requests that are under way, if they may be in only one at a time. */
  readonly #busy = new Set<string | undefined>();
  #underWay = 0;
  /** What the queue waits for: the scheduled departure, or the last request that was sent. */
  #awaited: object | undefined;
  #maxSize = FIRST_SIZE;

  constructor(sendBatch: SendBatch<TMember>) {
    this.#sendBatch = sendBatch;
  }

  /** Whether the queue is empty and no request is under way. */
  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#underWay === 0;
  }

  /** Adds an item to the queue. The result is what the client would have answered for it alone. */
  add(member: TMember): Promise<JSONObject> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ member, reject, resolve });
      if (this.#awaited === undefined) {
        const departure = {};
        this.#awaited = departure;
        process.nextTick(() => this.#leave(departure));
      }
    });
  }

  /**
   * Sends the next batch.
   *
   * @param after what the queue was waiting for. If it waits for another request by now, nothing is
   * sent: that request calls this again.
   */
  #leave(after: object): void {
    if (this.#awaited !== undefined && this.#awaited !== after) {
      return;
    }
    const batch = this.#take();
    this.#awaited = batch[0];
    if (batch[0] !== undefined) {
      void this.#send(batch, batch[0]);
    }
  }

  async #send(
    batch: readonly Waiting<TMember>[],
    token: object,
  ): Promise<void> {
    const timer = setTimeout(() => this.#leave(token), PATIENCE);
    /** Items that are sent again, by document: only updates of the same document wait for them. */
    const late = new Map<string | undefined, Promise<void>[]>();
    this.#underWay++;
    try {
      const members = batch.map(({ member }) => member);
      const { bytes, outcomes } = await this.#sendBatch(
        members as [TMember, ...TMember[]],
      );
      if (bytes > 0) {
        const fitting = (MAX_ANSWER_BYTES * batch.length) / bytes;
        // At least 2: a batch of one would never show how large the answers are.
        this.#maxSize = Math.max(2, Math.min(Math.ceil(fitting), MAX_SIZE));
      }
      for (const [place, waiting] of batch.entries()) {
        const outcome = outcomes[place]!;
        if (outcome instanceof Promise) {
          const { id } = waiting.member;
          const own = outcome.then((ended) => settle(waiting, ended));
          late.set(id, [...(late.get(id) ?? []), own]);
        } else {
          settle(waiting, outcome);
        }
      }
    } catch (error) {
      // Only after a bug in the plugin: reject these items so that no client waits forever.
      batch.forEach(({ reject }) => reject(error));
    }
    clearTimeout(timer);
    this.#free(
      batch.map(({ member }) => member.id).filter((id) => !late.has(id)),
    );
    this.#leave(token);

    if (late.size > 0) {
      await Promise.all(
        [...late].map(async ([id, own]) => {
          await Promise.all(own);
          this.#free([id]);
          this.#leave(token);
        }),
      );
    }
    this.#underWay--;
  }

  #free(ids: readonly (string | undefined)[]): void {
    ids.forEach((id) => this.#busy.delete(id));
  }

  /**
   * Takes the items of the next batch from the queue, in their order, and marks their documents as busy.
   * Items of the same kind as the first (conditional or not) may overtake others, but not those of their
   * own document.
   */
  #take(): readonly Waiting<TMember>[] {
    const taken: Waiting<TMember>[] = [];
    const held: Waiting<TMember>[] = [];
    const passed = new Set<string | undefined>();
    let bytes = 0;
    let isFull = false;
    for (const each of this.#waiting) {
      const { id, isConditional, lines } = each.member;
      if (isFull || this.#busy.has(id) || passed.has(id)) {
        held.push(each);
        continue;
      }
      const [first] = taken;
      if (first && first.member.isConditional !== isConditional) {
        held.push(each);
        passed.add(id);
        continue;
      }
      bytes += Buffer.byteLength(lines);
      isFull =
        taken.length === this.#maxSize ||
        (taken.length > 0 && bytes > MAX_BYTES);
      (isFull ? held : taken).push(each);
    }
    for (const { member } of taken) {
      if (member.id !== undefined) {
        this.#busy.add(member.id);
      }
    }
    this.#waiting = held;

    return taken;
  }
}

function settle({ reject, resolve }: Waiting<unknown>, outcome: Outcome): void {
  if ("error" in outcome) {
    reject(outcome.error);
  } else {
    resolve(outcome.answer);
  }
}
