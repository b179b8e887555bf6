import type { JSONObject } from "kuzzle";

import {
  type BulkOutcome,
  type Outcome,
  sendBulk,
  sendSingle,
} from "./sendBulk";
import type { StorageRequest } from "./StorageRequest";

/** Most updates of a batch. */
const MAX_UPDATES = 200;
/** Most bytes of a bulk request: proxies commonly refuse more than 1 MiB. */
const MAX_BYTES = 1_000_000;
/** Bytes that the answer to a bulk request should have at most: it holds the documents, whole. */
const MAX_ANSWER_BYTES = 8_000_000;
/** Most updates of a batch, while the size of the documents is unknown. */
const FIRST_UPDATES = 16;
/** How long updates wait for a request that is under way, in ms. */
const PATIENCE = 100;

interface Waiting {
  readonly request: StorageRequest;
  readonly resolve: (answer: JSONObject) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends the updates of one collection to storage: those that come while a request is under way leave
 * together when it is back, in their order. One that comes while there is none leaves at once, with
 * those of the same turn of the event loop.
 *
 * A document is in one request at a time, so that its updates neither conflict nor overtake each
 * other. A request that takes long is waited for by updates of its own documents alone.
 */
export class BatchQueue {
  readonly #onBatch: (size: number) => void;
  #waiting: Waiting[] = [];
  /** Documents that are in a request. */
  readonly #busy = new Set<string>();
  /** What those that wait wait for: the departure that is due, or the last request that left. */
  #awaited: object | undefined;
  #maxUpdates = FIRST_UPDATES;

  /** @param onBatch is told how many updates a request has */
  constructor(onBatch: (size: number) => void) {
    this.#onBatch = onBatch;
  }

  /** Whether no update waits, and none is under way. */
  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#busy.size === 0;
  }

  /** Stores an update, and answers what the client would have answered for it alone. */
  add(request: StorageRequest): Promise<JSONObject> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ reject, request, resolve });
      if (this.#awaited === undefined) {
        const departure = {};
        this.#awaited = departure;
        process.nextTick(() => this.#leave(departure));
      }
    });
  }

  /**
   * Has those that can leave do so.
   *
   * @param after what was waited for. By now it may be another request: that one lets them leave.
   */
  #leave(after: object): void {
    if (this.#awaited !== undefined && this.#awaited !== after) {
      return;
    }
    const batch = this.#take();
    this.#awaited = batch[0];
    if (batch[0] !== undefined) {
      void this.#store(batch as [Waiting, ...Waiting[]], batch[0]);
    }
  }

  async #store(
    batch: readonly [Waiting, ...Waiting[]],
    token: object,
  ): Promise<void> {
    const timer = setTimeout(() => this.#leave(token), PATIENCE);
    try {
      this.#onBatch(batch.length);
      const requests = batch.map(({ request }) => request);
      const outcomes = await this.#send(
        requests as [StorageRequest, ...StorageRequest[]],
      );
      const late = [];
      for (const [place, waiting] of batch.entries()) {
        const outcome = outcomes[place]!;
        if (outcome instanceof Promise) {
          late.push(outcome.then((own) => settle(waiting, own)));
        } else {
          settle(waiting, outcome);
        }
      }
      if (late.length > 0) {
        await Promise.all(late);
      }
    } catch (error) {
      // A defect of the plugin's: none of them waits for ever.
      batch.forEach(({ reject }) => reject(error));
    }
    clearTimeout(timer);
    batch.forEach(({ request }) => this.#busy.delete(request.id));
    this.#leave(token);
  }

  async #send(
    requests: readonly [StorageRequest, ...StorageRequest[]],
  ): Promise<BulkOutcome["outcomes"]> {
    if (requests.length === 1) {
      return [await sendSingle(requests[0])];
    }
    const { bytes, outcomes } = await sendBulk(requests);
    if (bytes > 0) {
      const fitting = (MAX_ANSWER_BYTES * requests.length) / bytes;
      // One by itself would tell nothing of how large the next answer is.
      this.#maxUpdates = Math.max(2, Math.min(Math.ceil(fitting), MAX_UPDATES));
    }

    return outcomes;
  }

  /** Takes those that can leave, in their order; their documents are busy from then on. */
  #take(): Waiting[] {
    const taken: Waiting[] = [];
    const held: Waiting[] = [];
    let bytes = 0;
    let isFull = false;
    for (const each of this.#waiting) {
      const { id, lines } = each.request;
      if (isFull || this.#busy.has(id)) {
        held.push(each);
        continue;
      }
      bytes += Buffer.byteLength(lines);
      isFull =
        taken.length === this.#maxUpdates ||
        (taken.length > 0 && bytes > MAX_BYTES);
      (isFull ? held : taken).push(each);
    }
    taken.forEach(({ request }) => this.#busy.add(request.id));
    this.#waiting = held;

    return taken;
  }
}

function settle({ reject, resolve }: Waiting, outcome: Outcome): void {
  if ("error" in outcome) {
    reject(outcome.error);
  } else {
    resolve(outcome.answer);
  }
}
