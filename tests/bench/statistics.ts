/** Several measurements of one thing. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

/** The value below which a share of the sorted values lies. */
export function percentile(sorted: readonly number[], share: number): number {
  const position = Math.ceil(share * sorted.length) - 1;
  return sorted[Math.max(0, position)] ?? NaN;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? NaN;
  const lower = sorted[half - 1] ?? NaN;

  return {
    max: sorted.at(-1) ?? NaN,
    median: sorted.length % 2 === 0 ? (lower + upper) / 2 : upper,
    min: sorted[0] ?? NaN,
  };
}

/**
 * The exponent k of cost = c · sizeᵏ that fits best, by least squares on logarithms: 0 where the
 * cost does not grow, 1 where it is proportional.
 */
export function exponentOf(
  points: readonly (readonly [size: number, cost: number])[],
): number {
  const logs = points.map(([size, cost]) => [Math.log(size), Math.log(cost)]);
  const mean = (column: number) =>
    logs.reduce((sum, log) => sum + Number(log[column]), 0) / logs.length;
  const [meanSize, meanCost] = [mean(0), mean(1)];
  let [covariance, variance] = [0, 0];
  for (const [size = NaN, cost = NaN] of logs) {
    covariance += (size - meanSize) * (cost - meanCost);
    variance += (size - meanSize) ** 2;
  }

  return covariance / variance;
}
