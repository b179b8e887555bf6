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

  /** Cumulative counts: for each bucket bound, the number of values up to it; for infinity, all values. */
  get cumulative(): readonly (readonly [bound: number, count: number])[] {
    let count = 0;

    return [...this.bounds, Infinity].map((bound, bucket) => {
      count += this.#counts[bucket]!;
      return [bound, count] as const;
    });
  }
}
