import type { Outcome } from "../support/UpdateLedger";
import type { Stored } from "./Documents";
import { sum } from "./statistics";

/** What one worker wrote to one document. */
interface Counter {
  readonly document: number;
  readonly field: string;
  acknowledged: number | undefined;
  /** What it sent after that, and had no acknowledgement of. */
  open: number[];
}

/** The field that a worker writes growing numbers to, and nobody else. */
export const fieldOf = (worker: number): string => `w${worker}`;

/** The field that every increment counts up. */
export const COUNTER = "n";

/**
 * Notes what came of every update of a turn, and holds it against storage.
 *
 * A worker sends one update after another, so its field has the last number that was acknowledged,
 * or one that was sent later. That says nothing of numbers before: where each update is a write, the
 * version of a document has grown by as many as were acknowledged.
 */
export class WriteLedger {
  readonly failures = new Map<Outcome, number>();
  acknowledged = 0;
  readonly #counters = new Map<string, Counter>();
  /** Acknowledged updates, by document. */
  readonly #writes = new Map<number, number>();

  get documents(): number[] {
    return [...new Set([...this.#counters.values()].map((c) => c.document))];
  }

  note(document: number, worker: number, number: number, outcome: Outcome) {
    const field = fieldOf(worker);
    const key = `${document} ${field}`;
    const counter: Counter = this.#counters.get(key) ?? {
      acknowledged: undefined,
      document,
      field,
      open: [],
    };
    this.#counters.set(key, counter);

    if (outcome === "acknowledged") {
      counter.acknowledged = number;
      counter.open = [];
      this.acknowledged++;
      this.#writes.set(document, (this.#writes.get(document) ?? 0) + 1);
      return;
    }
    counter.open.push(number);
    this.failures.set(outcome, (this.failures.get(outcome) ?? 0) + 1);
  }

  /** Counts by how much counters that began at 0 are off the number of acknowledged increments. */
  miscounted(stored: ReadonlyMap<number, Stored>): number {
    return sum(
      [...this.#writes].map(([document, acknowledged]) => {
        const counted = Number(stored.get(document)?.counters[COUNTER] ?? 0);
        return Math.abs(counted - acknowledged);
      }),
    );
  }

  /**
   * Counts acknowledged updates that are not stored.
   *
   * @param versionBefore of a document, where each update has to be a write of its own
   */
  lost(
    stored: ReadonlyMap<number, Stored>,
    versionBefore?: (document: number) => number,
  ): number {
    const lost = new Map<number, number>();
    for (const {
      acknowledged,
      document,
      field,
      open,
    } of this.#counters.values()) {
      const found = stored.get(document)?.counters[field] as number | undefined;
      const expected = [acknowledged, ...open];
      if (acknowledged !== undefined && !expected.includes(found)) {
        lost.set(document, (lost.get(document) ?? 0) + 1);
      }
    }
    for (const [document, acknowledged] of this.#writes) {
      const version = stored.get(document)?.version ?? 0;
      const writes = version - (versionBefore?.(document) ?? -Infinity);
      // The same update can be missed both ways.
      const missing = Math.max(acknowledged - writes, lost.get(document) ?? 0);
      lost.set(document, missing);
    }

    return sum([...lost.values()]);
  }
}
