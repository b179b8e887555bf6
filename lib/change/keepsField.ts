import { isDeepStrictEqual } from "node:util";

import type { Guard } from "./guards";
import type { IndexedField } from "./indexedFields";
import { isLeaf, isSetLeaf, matchesName, type NamedField } from "./namedFields";

/** Tells whether an update leaves all existing values of a guarded field as they are. */
export function keepsField(
  { isOfEach, names }: Guard,
  { path, stored, written }: NamedField,
): boolean {
  if (stored === undefined || areSame(written, stored)) {
    return true;
  }
  if (path.length < names.length) {
    return !holds(names, path.length, stored);
  }
  if (!isOfEach && !isSet(stored)) {
    return true;
  }
  const pairs: [IndexedField, IndexedField | undefined][] = [[written, stored]];
  for (const [after, before] of pairs) {
    if (before === undefined) {
      if (isOfEach) {
        continue;
      }
      return false;
    }
    const isKept = after.values.some(isLeaf)
      ? areSame(after, before) || (isOfEach && !isSet(before))
      : !before.values.some(isOfEach ? isSetLeaf : isLeaf);
    if (!isKept) {
      return false;
    }
    for (const [name, field] of after.fields) {
      pairs.push([field, before.fields.get(name)]);
    }
  }

  return true;
}

/** Tells whether a guarded field below another field has a value. */
function holds(
  names: readonly string[],
  depth: number,
  field: IndexedField,
): boolean {
  if (depth === names.length) {
    return isSet(field);
  }

  return (
    // The objects of an array may contain the guarded field.
    field.values.some(Array.isArray) ||
    [...field.fields].some(
      ([name, each]) =>
        matchesName(names, depth, name) && holds(names, depth + 1, each),
    )
  );
}

function isSet(field: IndexedField): boolean {
  const all = [field];
  for (const { fields, values } of all) {
    if (values.some(isSetLeaf)) {
      return true;
    }
    for (const each of fields.values()) {
      all.push(each);
    }
  }

  return false;
}

/** Tells whether two fields have equal values, and neither is an object. */
function areSame(one: IndexedField, other: IndexedField): boolean {
  const values = one.values.filter(isLeaf);
  const others = other.values.filter(isLeaf);

  return (
    values.length > 0 &&
    others.length > 0 &&
    one.fields.size + other.fields.size === 0 &&
    values.every((value) => others.every((each) => isSame(value, each)))
  );
}

function isSame(one: unknown, other: unknown): boolean {
  try {
    return isDeepStrictEqual(one, other);
  } catch {
    // Arrays nested so deeply that the comparison overflows the stack.
    return false;
  }
}
