import type { JSONObject } from "kuzzle";

/** Tells whether a value is a JSON object: no array, no instance of a class, and nothing else. */
export function isPlainObject(value: unknown): value is JSONObject {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(value);

  return prototype === Object.prototype || prototype === null;
}

/**
 * Copies a value by writing it as JSON and reading it again.
 *
 * @throws where it cannot be written: too deep, circular, or with a `toJSON` that throws
 */
export function throughJson<TValue>(value: TValue): TValue {
  return JSON.parse(JSON.stringify(value)) as TValue;
}

/** Copies a JSON value. A value that JSON cannot represent is returned as it is. */
export function copyOf<TValue>(value: TValue): TValue {
  try {
    return throughJson(value);
  } catch {
    return value;
  }
}

/**
 * Copies an error, with its class, stack and properties. When several requests fail for the same reason,
 * each gets an error of its own, which its pipes may change.
 */
export function errorCopy(error: unknown): unknown {
  if (!(error instanceof Error)) {
    return error;
  }
  const copy = Object.setPrototypeOf(
    new Error(),
    Object.getPrototypeOf(error) as object,
  ) as object;

  return Object.defineProperties(copy, {
    ...Object.getOwnPropertyDescriptors(error),
    // Since Node.js 21 a getter, which would return the copy's own.
    stack: { configurable: true, value: error.stack, writable: true },
  });
}
