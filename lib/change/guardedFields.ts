import { isDeepStrictEqual } from "node:util";

import type { JSONObject, KuzzleError } from "kuzzle";

import { pluginError } from "../errors";
import { isPlainObject } from "../json";
import type { Target } from "../write/UpdateArguments";
import { type Guard, KINDS } from "./guards";
import {
  addField,
  type IndexedField,
  indexedFields,
  namesOf,
} from "./indexedFields";
import { changedPaths, setField } from "./merge";
import { findInexact } from "./values";

/** An update to check against guards. */
export interface GuardedUpdate {
  readonly changes: JSONObject;
  /** Paths of fields to remove, each as a list of names. */
  readonly unset?: readonly (readonly string[])[];
  /** The stored document, if `needsCurrent` asks for it. */
  readonly current?: JSONObject | undefined;
}

type NamingUpdate = Pick<GuardedUpdate, "changes" | "unset">;

/**
 * Tells whether the stored document is needed to check the guards. It is for `immutable` guards, which
 * depend on stored values, and for guarded fields inside an object: if an array is stored in place of
 * that object, an update of any field of the object replaces the array.
 */
export function needsCurrent(
  guards: readonly Guard[],
  update: NamingUpdate,
): boolean {
  const asking = guards.filter(
    ({ kind, names }) => kind === "immutable" || names.length > 1,
  );

  return mayName(asking, update);
}

/** Tells whether an update names a guarded field, or another field of the same top-level object. */
export function mayName(
  guards: readonly Guard[],
  { changes, unset = [] }: NamingUpdate,
): boolean {
  const named = guards.length === 0 ? [] : Object.keys(changes);

  return [...named, ...unset.map(([name = ""]) => name)].some((key) =>
    guards.some(({ names }) => matchesName(names, 0, namesOf(key)[0]!)),
  );
}

/**
 * @throws plugin.document-update.field_read_only, plugin.document-update.field_immutable,
 * plugin.document-update.field_forbidden, whose `props` are index, collection, _id and the fields
 */
export function checkGuards(
  guards: readonly Guard[],
  target: Target,
  { changes, current, unset = [] }: GuardedUpdate,
): void {
  if (guards.length === 0) {
    return;
  }
  const written = indexedFields(changes);
  for (const path of unset) {
    addField(written, path.flatMap(namesOf), null);
  }
  const stored = current && indexedFields(current);

  for (const kind of KINDS) {
    const fields = guards
      .filter((guard) => guard.kind === kind)
      .flatMap((guard) =>
        namedFields(guard.names, { path: [], stored, written }).filter(
          (named) =>
            kind !== "immutable" || !stored || !keepsField(guard, named),
        ),
      )
      .map(({ path }) => path.join("."));
    if (fields.length > 0) {
      throw fieldRefusal(kind, target, fields);
    }
  }
}

/**
 * Checks that replacing a whole document leaves its guarded fields as they are. A guarded field that is
 * left out counts as changed. `_kuzzle_info` is not checked, since Kuzzle writes it at each replacement.
 *
 * @throws plugin.document-update.field_read_only, plugin.document-update.field_immutable,
 * plugin.document-update.field_forbidden
 */
export function checkReplacement(
  guards: readonly Guard[],
  target: Target,
  before: JSONObject,
  after: JSONObject,
): void {
  const [stored, written] = [indexedFields(before), indexedFields(after)];
  for (const kind of KINDS) {
    const fields = guards
      .filter((guard) => guard.kind === kind)
      .filter(({ names: [name] }) => name !== "_kuzzle_info")
      .flatMap(({ names }) =>
        changedParts(guardedPart(names, stored), guardedPart(names, written)),
      );
    if (fields.length > 0) {
      throw fieldRefusal(kind, target, fields);
    }
  }
}

function changedParts(before: JSONObject, after: JSONObject): string[] {
  // A number that JavaScript has rounded is written back rounded.
  return findInexact(after) === undefined
    ? changedPaths(before, after)
    : Object.keys(after);
}

/**
 * Returns the part of a document that belongs to a guarded path, however it is spelled: the field, or an
 * array on the path, whose objects may contain the field.
 */
function guardedPart(
  names: readonly string[],
  { fields }: IndexedField,
  depth = 0,
): JSONObject {
  const entries = [...fields].flatMap(([name, field]): [string, unknown][] => {
    if (!matchesName(names, depth, name)) {
      return [];
    }
    if (depth + 1 === names.length || field.values.some(Array.isArray)) {
      return [[name, contentOf(field)]];
    }
    const part = guardedPart(names, field, depth + 1);

    return Object.keys(part).length === 0 ? [] : [[name, part]];
  });

  return Object.fromEntries<unknown>(entries);
}

/** Returns the content of a field, spelled in one way. Does not recurse. */
function contentOf(root: IndexedField): unknown {
  const top: JSONObject = {};
  const left: [IndexedField, JSONObject, string][] = [[root, top, "content"]];
  for (const [{ fields, values }, parent, name] of left) {
    const leaves = values.filter(isLeaf);
    const content: JSONObject = {};
    const isObject = leaves.length === 0;
    setField(parent, name, isObject ? content : [...leaves, content]);
    for (const [own, field] of fields) {
      left.push([field, content, own]);
    }
  }

  return top["content"];
}

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
    // Of two numbers that JavaScript has rounded nobody knows whether they are the same.
    return findInexact(one) === undefined && isDeepStrictEqual(one, other);
  } catch {
    // Arrays nested so deeply that the comparison overflows the stack.
    return false;
  }
}

const ERRORS = {
  immutable: "field_immutable",
  readOnly: "field_read_only",
  writableBy: "field_forbidden",
} as const;

/** Most fields that an error names. */
const MAX_SHOWN = 10;

/**
 * Makes the error of a write that guards of one kind refuse. Its `props` are index, collection, _id and
 * the fields.
 */
function fieldRefusal(
  kind: Guard["kind"],
  { _id, collection, index }: Target,
  fields: readonly string[],
): KuzzleError {
  const shown = [...new Set(fields)].slice(0, MAX_SHOWN);
  const props = [index, collection, _id];
  const error = pluginError(ERRORS[kind], ...props, shown.join(", "));
  error.props = [...props, ...shown];

  return error;
}
