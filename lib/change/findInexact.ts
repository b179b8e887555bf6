/**
 * Finds, at any depth of a JSON value, a number that may not be exact or cannot be written as JSON: an
 * integer beyond ±(2^53 - 1), which may have been rounded when it was parsed, or a number that is not
 * finite.
 */
export function findInexact(value: unknown): number | undefined {
  // A work list rather than recursion: a deep value cannot overflow the stack.
  const left = [value];
  for (const each of left) {
    if (typeof each === "number" && !isExact(each)) {
      return each;
    }
    if (typeof each === "object" && each !== null) {
      for (const inside of Object.values(each) as unknown[]) {
        left.push(inside);
      }
    }
  }

  return undefined;
}

function isExact(value: number): boolean {
  return Number.isInteger(value)
    ? Number.isSafeInteger(value)
    : Number.isFinite(value);
}
