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

/** Returns the fields of a document as Elasticsearch indexes them. Takes linear time and does not recurse. */
export function indexedFields(document: JSONObject): IndexedField {
  const root = newField();
  const objects: [IndexedField, JSONObject][] = [[root, document]];
  for (const [field, object] of objects) {
    for (const [key, value] of Object.entries(object)) {
      const added = addField(field, namesOf(key), value);
      if (isPlainObject(value)) {
        objects.push([added, value]);
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
