import type { JSONObject } from "kuzzle";

import { isPlainObject } from "../isPlainObject";

/** Deepest nesting of objects. Deeper updates are not folded, because the recursion could overflow the stack. */
const MAX_DEPTH = 200;

/**
 * Fields that Kuzzle's client of Elasticsearch writes but refuses to read back. Such an update gets an
 * error, and so would those that are folded with it.
 */
export const FORBIDDEN: ReadonlySet<string> = new Set([
  "__proto__",
  "constructor",
]);

/**
 * Tells whether storage certainly accepts a value for a field.
 *
 * @param path names of the parent objects, and of the field
 */
export type IsSurelyValid = (
  path: readonly string[],
  value: unknown,
) => boolean;

/**
 * Merges changes into `folded`, if storing the result is the same as storing one after the other:
 * objects are merged deeply, anything else is replaced, null is kept.
 *
 * That is not always so. After `{ a: 1 }`, the changes `{ a: { b: 2 } }` replace whatever `a` was
 * before; merged into one update, they would be merged with it. And a value that a later update replaces
 * never reaches storage, which might have refused it: that is why such values have to be certainly
 * valid.
 *
 * @param folded accumulated changes, empty at first; modified
 * @param isSurelyValid is called for each value that would be replaced
 * @returns false, and leaves `folded` as it was, if the changes cannot be merged or are nested too
 * deeply
 * @see
 * https://www.elastic.co/guide/en/elasticsearch/reference/7.17/docs-update.html#_update_part_of_a_document
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

/**
 * Tells whether a value simply replaces the previous one. Instances of classes, such as dates, are
 * excluded: how they are stored depends on their `toJSON`.
 */
function isSimple(value: unknown): boolean {
  return (
    value === null ||
    isScalar(value) ||
    // An array of objects is excluded, since it would have to be searched at any depth.
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
