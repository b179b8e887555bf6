import { createHash } from "node:crypto";

/**
 * Hashes a payload. Equal payloads have the same hash, whatever the order of their properties.
 *
 * Not recursive: a payload that is nested too deeply is refused elsewhere, not by a stack overflow here.
 *
 * @param payload a JSON value
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
    // Each container starts with its number of values, so that different payloads are never serialized
    // alike.
    const isList = Array.isArray(value);
    const keys = isList ? Object.keys(value) : Object.keys(value).sort();
    hash.update(isList ? `[${value.length},` : JSON.stringify({ keys }));
    for (const key of keys) {
      waiting.push((value as Readonly<Record<string, unknown>>)[key]);
    }
  }

  return hash.digest("base64url");
}
