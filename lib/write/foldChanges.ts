import type { JSONObject } from "kuzzle";

import { isPlainObject } from "../isPlainObject";

/** Of objects in objects. What goes deeper is left alone, rather than the stack of calls ended. */
const MAX_DEPTH = 200;

/**
 * Fields that Kuzzle's client of Elasticsearch stores, but refuses to read back: the update is
 * answered an error, and so would be those that are folded with it.
 */
export const FORBIDDEN: ReadonlySet<string> = new Set([
  "__proto__",
  "constructor",
]);

/**
 * Tells whether storage would take a value of a field.
 *
 * @param path names of the objects that the field is in, and its own
 */
export type IsSurelyValid = (
  path: readonly string[],
  value: unknown,
) => boolean;

/**
 * Adds changes to those that `folded` holds, so that storage makes of the sum what it would make of
 * one after another: objects are merged deeply, anything else is replaced, null is kept.
 *
 * There are changes without such a sum. After `{ a: 1 }`, `{ a: { b: 2 } }` replaces whatever object
 * `a` was; their sum would be merged with it. And storage does not get to see a value that another one
 * replaces: by itself, its update might have been refused.
 *
 * @param folded changes that nobody else holds, none at first: they are added to
 * @param isSurelyValid decides on what would be replaced
 * @returns whether there is a sum, of changes that are not too deep; without, `folded` is as it was
 * @see https://www.elastic.co/guide/en/elasticsearch/reference/7.17/docs-update.html#_update_part_of_a_document
 */
export function foldChanges(
  folded: JSONObject,
  changes: JSONObject,
  isSurelyValid: IsSurelyValid,
): boolean {
  if (!hasSum(folded, changes, [], isSurelyValid)) {
    return false;
  }
  add(folded, changes);

  return true;
}

function hasSum(
  folded: JSONObject | undefined,
  changes: JSONObject,
  parents: readonly string[],
  isSurelyValid: IsSurelyValid,
): boolean {
  for (const [key, value] of Object.entries(changes)) {
    if (FORBIDDEN.has(key)) {
      return false;
    }
    const isThere = folded !== undefined && Object.hasOwn(folded, key);
    const under = isThere ? (folded[key] as unknown) : undefined;
    const path = [...parents, key];
    if (isSimple(value)) {
      if (isThere && under !== value && !isSurelyValid(path, under)) {
        return false;
      }
      continue;
    }
    if (
      !isPlainObject(value) ||
      path.length > MAX_DEPTH ||
      (isThere && !isPlainObject(under)) ||
      !hasSum(under as JSONObject | undefined, value, path, isSurelyValid)
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
    isScalar(value) ||
    // What is in objects of a list would have to be looked at, however deep.
    (Array.isArray(value) && value.every(isScalar))
  );
}

function isScalar(value: unknown): boolean {
  return ["boolean", "number", "string"].includes(typeof value);
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
