import { isPlainObject } from "../isPlainObject";
import type { IndexedField } from "./indexedFields";

/** A field that an update names, as it would be written, and as it is stored. */
export interface NamedField {
  readonly path: readonly string[];
  readonly written: IndexedField;
  readonly stored: IndexedField | undefined;
}

/** Finds what an update names of a guarded path: the fields, or the parents that it would replace. */
export function namedFields(
  names: readonly string[],
  named: NamedField,
): NamedField[] {
  const { path, stored, written } = named;
  const isReplaced =
    written.values.some(isLeaf) || stored?.values.some(isSetLeaf) === true;
  if (path.length === names.length || isReplaced) {
    return [named];
  }

  return [...written.fields]
    .filter(([name]) => matchesName(names, path.length, name))
    .flatMap(([name, field]) =>
      namedFields(names, {
        path: [...path, name],
        stored: stored?.fields.get(name),
        written: field,
      }),
    );
}

/** Tells whether a guarded path has a name at a depth. */
export function matchesName(
  names: readonly string[],
  depth: number,
  name: string,
): boolean {
  return names[depth] === "*"
    ? depth > 0 || name !== "_kuzzle_info"
    : names[depth] === name;
}

/** Tells a value from an object that has fields. */
export const isLeaf = (value: unknown) => !isPlainObject(value);

/** Tells a value that the index has. */
export const isSetLeaf = (value: unknown) => value !== null && isLeaf(value);
