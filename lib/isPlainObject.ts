import type { JSONObject } from "kuzzle";

/** Tells whether a value is a JSON object: no array, no instance of a class, and nothing else. */
export function isPlainObject(value: unknown): value is JSONObject {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(value);

  return prototype === Object.prototype || prototype === null;
}
