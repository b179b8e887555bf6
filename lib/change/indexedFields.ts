import type { JSONObject } from "kuzzle";

import { isPlainObject } from "../isPlainObject";

/** A field as the index sees it: `{ "a.b": 1 }` and `{ "a": { "b": 1 } }` are two spellings of one. */
export interface IndexedField {
  /** What is stored of it, by each spelling: objects, too. */
  readonly values: unknown[];
  /** Those beneath it, by name. */
  readonly fields: Map<string, IndexedField>;
}

/**
 * Returns the fields of a document as the index sees them. It takes linear time, and no deeper a stack
 * for a deeper document.
 */
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

/** Adds a value to a field, or to one beneath it. */
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

/** The names that a key stands for. To Elasticsearch, a dot at the end says nothing. */
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
