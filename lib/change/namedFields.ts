import { isPlainObject } from "../isPlainObject";
import type { IndexedField } from "./indexedFields";

/** A field that an update writes, with its new and its stored value. */
export interface NamedField {
  readonly path: readonly string[];
  readonly written: IndexedField;
  readonly stored: IndexedField | undefined;
}

/**
 * Finds the fields of an update that match a guarded path, and the parents of the path that the update
 * would replace.
 */
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

/** Tells whether a name matches the guarded path at a depth. */
export function matchesName(
  names: readonly string[],
  depth: number,
  name: string,
): boolean {
  return names[depth] === "*"
    ? depth > 0 || name !== "_kuzzle_info"
    : names[depth] === name;
}

/** Tells whether a value is anything but an object with fields. */
export const isLeaf = (value: unknown) => !isPlainObject(value);

/** Tells whether a value is indexed: neither null nor an object. */
export const isSetLeaf = (value: unknown) => value !== null && isLeaf(value);
