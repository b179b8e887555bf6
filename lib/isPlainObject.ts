import type { JSONObject } from "kuzzle";

/** Tells an object of JSON from a list, from an instance of a class, and from everything else. */
export function isPlainObject(value: unknown): value is JSONObject {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(value);

  return prototype === Object.prototype || prototype === null;
}
