import type { JSONObject } from "kuzzle";

import { isPlainObject } from "../json";

/**
 * A field as Elasticsearch indexes it: `{ "a.b": 1 }` and `{ "a": { "b": 1 } }` are two spellings of the
 * same field.
 */
export interface IndexedField {
  /** The stored values, one for each spelling, including objects. */
  readonly values: unknown[];
  /** The fields below it, by name. */
  readonly fields: Map<string, IndexedField>;
}

/**
 * Returns the fields of a document as Elasticsearch indexes them. Takes linear time and does not recurse.
 *
 * @param isIntoLists whether the fields of objects in a list are also fields of the list, as in the index
 */
export function indexedFields(
  document: JSONObject,
  isIntoLists = false,
): IndexedField {
  const root = newField();
  const left: [IndexedField, unknown][] = [[root, { ...document }]];
  for (const [field, value] of left) {
    if (isIntoLists && Array.isArray(value)) {
      for (const element of value as unknown[]) {
        left.push([field, element]);
      }
    } else if (isPlainObject(value)) {
      for (const [key, inside] of Object.entries(value) as [
        string,
        unknown,
      ][]) {
        left.push([addField(field, namesOf(key), inside), inside]);
      }
    }
  }

  return root;
}

/** Adds a value to a field, or to a field below it. */
export function addField(
  root: IndexedField,
  names: readonly string[],
  value: unknown,
): IndexedField {
  let field = root;
  for (const name of names) {
    let beneath = field.fields.get(name);
    if (beneath === undefined) {
      beneath = newField();
      field.fields.set(name, beneath);
    }
    field = beneath;
  }
  field.values.push(value);

  return field;
}

/** Splits a key into field names. Elasticsearch ignores dots at the end of a key. */
export function namesOf(key: string): readonly string[] {
  const names = key.split(".");
  while (names.length > 1 && names.at(-1) === "") {
    names.pop();
  }

  return names;
}

function newField(): IndexedField {
  return { fields: new Map(), values: [] };
}
