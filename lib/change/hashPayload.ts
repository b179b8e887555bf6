import { createHash } from "node:crypto";

/**
 * Tells payloads apart: equal ones have the same hash, in whichever order their properties come.
 *
 * It does not recurse: what is nested too deeply to be stored is refused elsewhere.
 *
 * @param payload of JSON's values
 */
export function hashPayload(payload: unknown): string {
  const hash = createHash("sha256");
  const waiting = [payload];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== "object" || value === null) {
      hash.update(`${JSON.stringify(value)},`);
      continue;
    }
    // Each says first how many values are its own: no two payloads are written alike.
    const isList = Array.isArray(value);
    const keys = isList ? Object.keys(value) : Object.keys(value).sort();
    hash.update(isList ? `[${value.length},` : JSON.stringify({ keys }));
    for (const key of keys) {
      waiting.push((value as Readonly<Record<string, unknown>>)[key]);
    }
  }

  return hash.digest("base64url");
}
