/**
 * Finds a number, at any depth of a value of JSON, that JavaScript does not hold exactly, or JSON not at
 * all: an integer beyond ±(2^53 - 1), which another integer may have been rounded to as it was read, or
 * one that is not finite.
 */
export function findInexact(value: unknown): number | undefined {
  // A list of what is left rather than calls: no depth ends the stack.
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
