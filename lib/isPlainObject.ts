import type { JSONObject } from "kuzzle";

/** Tells an object of JSON from a list and from everything else. */
export function isPlainObject(value: unknown): value is JSONObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
