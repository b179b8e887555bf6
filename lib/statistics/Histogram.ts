/** How many values were at most each of some bounds, and their sum. */
export class Histogram {
  sum = 0;
  /** Values by the lowest bound that they do not exceed; the last are beyond every bound. */
  readonly #counts: number[];

  /** @param bounds in ascending order */
  constructor(readonly bounds: readonly number[]) {
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  record(value: number): void {
    let place = 0;
    while (place < this.bounds.length && value > this.bounds[place]!) {
      place++;
    }
    this.#counts[place]!++;
    this.sum += value;
  }

  /** For each bound, how many values were at most that; for infinity, all of them. */
  get cumulative(): readonly (readonly [bound: number, count: number])[] {
    let count = 0;

    return [...this.bounds, Infinity].map((bound, place) => {
      count += this.#counts[place]!;
      return [bound, count] as const;
    });
  }
}
