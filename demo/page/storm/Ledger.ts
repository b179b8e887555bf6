import { lostOrder } from "./lostOrder";
import { percentile } from "./percentile";

/** What came of the updates of one way, so far. */
export interface Figures {
  /** Updates that were answered, whatever the answer. */
  readonly answeredPerSecond: number;
  /** Failed updates by what their error is called. */
  readonly errors: ReadonlyMap<string, number>;
  readonly failed: number;
  readonly outOfOrder: number;
  /** Updates that were answered without an error and are not in the document, once it is known. */
  readonly overwritten: number | undefined;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly perSecond: number;
  readonly stored: number;
}

/** An update that was sent. */
export interface SentUpdate {
  readonly begunAt: number;
  /** Which of the updates of its way it is. */
  readonly step: number;
  version: number | undefined;
}

/** Counts what comes of the updates of one way. */
export class Ledger {
  readonly #begun: number;
  readonly #errors = new Map<string, number>();
  readonly #latencies: number[] = [];
  readonly #steps: number[] = [];
  /** By the connection and the document, in the order in which they were sent. */
  readonly #sent = new Map<string, SentUpdate[]>();
  #ended: number | undefined;
  #failed = 0;
  /** How many latencies the last sample had. */
  #sampled = 0;
  overwritten: number | undefined;

  /** @param now in ms */
  constructor(now: number) {
    this.#begun = now;
  }

  /** How many were answered, whatever the answer. */
  get answered(): number {
    return this.#latencies.length + this.#failed;
  }

  /**
   * Takes down an update at the moment when it is sent: their order is that of these calls.
   *
   * @param begunAt when its client began with it, such as by reading, in ms
   * @param step which of the updates of its way it is
   */
  send(
    connection: number,
    document: string,
    begunAt: number,
    step = 0,
  ): SentUpdate {
    const key = `${connection}/${document}`;
    const update: SentUpdate = { begunAt, step, version: undefined };
    const others = this.#sent.get(key);
    if (others) {
      others.push(update);
    } else {
      this.#sent.set(key, [update]);
    }

    return update;
  }

  /** Takes down that an update was answered without an error. */
  store(update: SentUpdate, version: number, now: number): void {
    update.version = version;
    this.#steps.push(update.step);
    this.#latencies.push(now - update.begunAt);
  }

  /** Takes down that an update has failed. */
  fail(error: string): void {
    this.#failed++;
    this.#errors.set(error, (this.#errors.get(error) ?? 0) + 1);
  }

  /** Ends the time that rates are computed with. */
  end(now: number): void {
    this.#ended = now;
  }

  /** Returns the p95 of those that were stored since it was asked last, in ms; null if none was. */
  recentP95(): number | null {
    const recent = this.#latencies.slice(this.#sampled);
    this.#sampled = this.#latencies.length;

    return recent.length === 0 ? null : percentile(recent, 0.95);
  }

  /** How many were answered without an error. */
  get stored(): number {
    return this.#latencies.length;
  }

  /** Which of the updates were answered without an error. */
  get steps(): readonly number[] {
    return this.#steps;
  }

  figures(now: number): Figures {
    const seconds = ((this.#ended ?? now) - this.#begun) / 1_000;

    return {
      answeredPerSecond: seconds > 0 ? this.answered / seconds : 0,
      errors: this.#errors,
      failed: this.#failed,
      outOfOrder: lostOrder([...this.#sent.values()]),
      overwritten: this.overwritten,
      p50: percentile(this.#latencies, 0.5),
      p95: percentile(this.#latencies, 0.95),
      p99: percentile(this.#latencies, 0.99),
      perSecond: seconds > 0 ? this.stored / seconds : 0,
      stored: this.stored,
    };
  }
}
