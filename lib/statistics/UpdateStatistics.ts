import { KuzzleError } from "kuzzle";

import type { ApiHistogram } from "../api";

const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** Limit of distinct error ids that are counted separately, because pipes may throw errors with any id. */
const MAX_ERROR_IDS = 100;

/** Counters of the update actions on this node since it started. */
export class UpdateStatistics {
  /** Updates that were requested. */
  updates = 0;
  /** Updates that are not answered yet. */
  underWay = 0;
  /** Updates that failed, by the id of the error. */
  readonly failures = new Map<string, number>();
  /** Writes that failed with a version conflict, after storage's own retries. */
  conflicts = 0;
  /** Writes that were sent again after a conflict. */
  retries = 0;
  /** Number of updates that each fold stored as one. */
  readonly folds = new Histogram(SIZES);
  /** Number of updates in each request to storage. */
  readonly batches = new Histogram(SIZES);
  /** Duration of each write, in seconds: of the call of `document:update` or `document:create`. */
  readonly writeDuration = new Histogram(SECONDS);

  /** Runs an update, and counts it. */
  count<TAnswer>(update: () => Promise<TAnswer>): Promise<TAnswer> {
    this.updates++;
    this.underWay++;

    return update()
      .catch((error: unknown) => {
        this.#failed(error instanceof KuzzleError ? error.id : "unknown");
        throw error;
      })
      .finally(() => this.underWay--);
  }

  /** Counts a failed update by the id of its error, or as `other` once there are too many ids. */
  #failed(id: string): void {
    const { failures } = this;
    const counted =
      failures.has(id) || failures.size < MAX_ERROR_IDS ? id : "other";
    failures.set(counted, (failures.get(counted) ?? 0) + 1);
  }

  /** Counts a write that failed with a conflict, and is sent again at once. */
  resent(): void {
    this.conflicts++;
    this.retries++;
  }
}

/**
 * A histogram with fixed bucket bounds, as Prometheus has it.
 *
 * @see https://prometheus.io/docs/concepts/metric_types/#histogram
 */
export class Histogram {
  /** Sum of all recorded values. */
  sum = 0;
  /** Number of values in each bucket, not cumulative. The last bucket has no upper bound. */
  readonly #counts: number[];

  /** @param bounds upper bound of each bucket, inclusive, in ascending order */
  constructor(readonly bounds: readonly number[]) {
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  record(value: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > this.bounds[bucket]!) {
      bucket++;
    }
    this.#counts[bucket]!++;
    this.sum += value;
  }

  /** The figures as `stats` answers them. */
  toApi(): ApiHistogram {
    let count = 0;
    const buckets = ([...this.bounds, "+Inf"] as const).map((le, bucket) => {
      count += this.#counts[bucket]!;
      return { count, le };
    });

    return { buckets, count, sum: this.sum };
  }
}
