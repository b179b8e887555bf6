/** Returns the smallest value that this share of all values does not exceed; NaN where there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);

  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}
