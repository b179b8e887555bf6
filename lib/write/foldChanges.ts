import type { JSONObject } from "kuzzle";

import { isPlainObject } from "../isPlainObject";

/** Of objects in objects. What goes deeper is left alone, rather than the stack of calls ended. */
const MAX_DEPTH = 200;

/**
 * Fields that Kuzzle's client of Elasticsearch stores, but refuses to read back: the update is
 * answered an error, and so would be those that are folded with it.
 */
const FORBIDDEN: ReadonlySet<string> = new Set(["__proto__", "constructor"]);

/**
 * Adds changes to those that `folded` holds, so that storage makes of the sum what it would make of
 * one after another: objects are merged deeply, anything else is replaced, null is kept.
 *
 * There are changes without such a sum. After `{ a: 1 }`, `{ a: { b: 2 } }` replaces whatever object
 * `a` was; their sum would be merged with it.
 *
 * @param folded changes that nobody else holds, none at first: they are added to
 * @returns whether there is a sum, of changes that are not too deep; without, `folded` is as it was
 * @see https://www.elastic.co/guide/en/elasticsearch/reference/7.17/docs-update.html#_update_part_of_a_document
 */
export function foldChanges(folded: JSONObject, changes: JSONObject): boolean {
  if (!hasSum(folded, changes, MAX_DEPTH)) {
    return false;
  }
  add(folded, changes);

  return true;
}

function hasSum(
  folded: JSONObject | undefined,
  changes: JSONObject,
  depth: number,
): boolean {
  for (const [key, value] of Object.entries(changes)) {
    if (FORBIDDEN.has(key)) {
      return false;
    }
    if (isSimple(value)) {
      continue;
    }
    if (!isPlainObject(value)) {
      return false;
    }
    const under =
      folded && Object.hasOwn(folded, key)
        ? (folded[key] as unknown)
        : undefined;
    if (
      depth === 0 ||
      (under !== undefined && !isPlainObject(under)) ||
      !hasSum(under, value, depth - 1)
    ) {
      return false;
    }
  }

  return true;
}

/** Tells whether a value replaces another. What JSON makes of others, such as a date, it alone knows. */
function isSimple(value: unknown): boolean {
  return (
    value === null ||
    Array.isArray(value) ||
    ["boolean", "number", "string"].includes(typeof value)
  );
}

function add(folded: JSONObject, changes: JSONObject): void {
  for (const [key, value] of Object.entries(changes)) {
    if (!isPlainObject(value)) {
      folded[key] = value;
      continue;
    }
    if (!Object.hasOwn(folded, key)) {
      folded[key] = {};
    }
    add(folded[key] as JSONObject, value);
  }
}
