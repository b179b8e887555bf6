import { isPlainObject } from "../json";

/**
 * Serializes a JSON value so that equal values, and only these, have the same text: the order of object
 * keys does not matter, and -0 equals 0.
 *
 * The values are written level by level rather than recursively: a deep value cannot overflow the stack.
 */
export function equalityKey(value: unknown): string {
  const parts: string[] = [];
  const values = [value];
  for (const each of values) {
    if (Array.isArray(each)) {
      parts.push(`[${each.length}`);
      for (const item of each as readonly unknown[]) {
        values.push(item);
      }
    } else if (isPlainObject(each)) {
      const keys = Object.keys(each).sort();
      parts.push(`{${JSON.stringify(keys)}`);
      for (const key of keys) {
        values.push(each[key]);
      }
    } else {
      // Adds nothing for undefined.
      parts.push(JSON.stringify(each));
    }
  }

  return parts.join();
}

/**
 * Finds, at any depth of a JSON value, a number that may not be exact or cannot be written as JSON: an
 * integer beyond ±(2^53 - 1), which may have been rounded when it was parsed, or a number that is not
 * finite.
 *
 * @param isFine tells which numbers are not looked for
 */
export function findInexact(
  value: unknown,
  isFine: (found: number) => boolean = isExact,
): number | undefined {
  // A work list rather than recursion: a deep value cannot overflow the stack.
  const left = [value];
  for (const each of left) {
    if (typeof each === "number" && !isFine(each)) {
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

/**
 * Finds, at any depth of a JSON value, a field name that Kuzzle's client of Elasticsearch 7 writes but
 * refuses to parse: a document with such a field could not be read again.
 *
 * @see https://github.com/fastify/secure-json-parse
 */
export function findUnreadable(value: unknown): string | undefined {
  // A work list rather than recursion: a deep value cannot overflow the stack.
  const left = [value];
  for (const each of left) {
    if (typeof each !== "object" || each === null) {
      continue;
    }
    for (const [name, inside] of Object.entries(each) as [string, unknown][]) {
      if (
        name === "__proto__" ||
        (name === "constructor" && isRefused(inside))
      ) {
        return name;
      }
      left.push(inside);
    }
  }

  return undefined;
}

/** The client's own check throws if `constructor` is null. */
function isRefused(constructor: unknown): boolean {
  return (
    constructor === null ||
    Object.hasOwn(Object(constructor) as object, "prototype")
  );
}

/** Names the kind of a value for error messages, without showing the value itself. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) {
    return "an array";
  }
  if (
    value === null ||
    (typeof value === "number" && !Number.isFinite(value))
  ) {
    return String(value);
  }

  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
