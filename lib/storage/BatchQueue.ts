import type { JSONObject } from "kuzzle";

/** Most members of a batch. */
const MAX_SIZE = 200;
/** Most bytes of a request: proxies commonly refuse more than 1 MiB. */
const MAX_BYTES = 1_000_000;
/** Bytes that the answer to a request should have at most: it holds the documents, whole. */
const MAX_ANSWER_BYTES = 8_000_000;
/** Most members of a batch, while the size of the documents is unknown. */
const FIRST_SIZE = 16;
/** How long the others wait for a request that is under way, in ms. */
const PATIENCE = 100;

/** What became of a member of a batch. */
export type Outcome =
  { readonly answer: JSONObject } | { readonly error: unknown };

/** Tells what becomes of a call of the client. It never rejects. */
export function outcomeOf(answered: Promise<JSONObject>): Promise<Outcome> {
  return answered.then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  );
}

export interface BatchOutcome {
  /** In the order of the batch; of those that are sent again, once they are. */
  readonly outcomes: readonly (Outcome | Promise<Outcome>)[];
  /** Bytes of the answer, about; 0 where that tells nothing of the next one. */
  readonly bytes: number;
}

/** What is asked of storage, for one document. */
interface Member {
  /** What it has in the request. */
  readonly lines: string;
  /** A document that is in one request at a time. */
  readonly id?: string;
  /** Whether it goes by another kind of request than those that are not. */
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
 * Sends what is asked of one collection to storage: what comes while a request is under way leaves
 * together when it is back, in its order. What comes while there is none leaves at once, with what
 * comes in the same turn of the event loop.
 *
 * A document is in one request of updates at a time, so that they neither conflict nor overtake each
 * other. A request that takes long is waited for by updates of its own documents alone.
 */
export class BatchQueue<TMember extends Member> {
  readonly #sendBatch: SendBatch<TMember>;
  #waiting: Waiting<TMember>[] = [];
  /** Documents that are in a request, of those that are in one at a time. */
  readonly #busy = new Set<string | undefined>();
  #underWay = 0;
  /** What those that wait wait for: the departure that is due, or the last request that left. */
  #awaited: object | undefined;
  #maxSize = FIRST_SIZE;

  constructor(sendBatch: SendBatch<TMember>) {
    this.#sendBatch = sendBatch;
  }

  /** Whether nothing waits, and nothing is under way. */
  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#underWay === 0;
  }

  /** Asks storage, and answers what the client would have answered for it alone. */
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
      void this.#send(batch, batch[0]);
    }
  }

  async #send(
    batch: readonly Waiting<TMember>[],
    token: object,
  ): Promise<void> {
    const timer = setTimeout(() => this.#leave(token), PATIENCE);
    this.#underWay++;
    try {
      const members = batch.map(({ member }) => member);
      const { bytes, outcomes } = await this.#sendBatch(
        members as [TMember, ...TMember[]],
      );
      if (bytes > 0) {
        const fitting = (MAX_ANSWER_BYTES * batch.length) / bytes;
        // One by itself would tell nothing of how large the next answer is.
        this.#maxSize = Math.max(2, Math.min(Math.ceil(fitting), MAX_SIZE));
      }
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
    this.#underWay--;
    batch.forEach(({ member }) => this.#busy.delete(member.id));
    this.#leave(token);
  }

  /**
   * Takes those that can leave with the first of them, in their order; their documents are busy from
   * then on. Those of its kind go past others, though not past their own document's.
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
