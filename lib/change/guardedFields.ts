import type { JSONObject, KuzzleError } from "kuzzle";

import { pluginError } from "../errors";
import { isPlainObject } from "../json";
import type { Target } from "../kuzzle/collections";
import { type Guard, KINDS } from "./guards";
import {
  addField,
  type IndexedField,
  indexedFields,
  namesOf,
} from "./indexedFields";
import { mergeChanges, removeUnset } from "./merge";
import { formatPath, type Path } from "./paths";
import { equalityKey, findInexact } from "./values";

/** The write of one document, to check against guards. */
export interface GuardedWrite {
  /** An upsert and a replacement may create the document. */
  readonly kind: "update" | "upsert" | "replacement";
  /** The changes, or the whole new content of the document. */
  readonly body: JSONObject;
  /** Fields to remove. */
  readonly unset: readonly Path[];
}

/**
 * Tells whether the stored document is needed to check the guards. For an update, that is for `immutable`
 * guards, which depend on stored values, and for guarded fields inside an object: if a list is stored in
 * place of that object, an update of any field of the object replaces the list.
 */
export function needsCurrent(
  guards: readonly Guard[],
  write: GuardedWrite,
): boolean {
  return (
    write.kind === "replacement" ||
    guards.some(
      (guard) =>
        mayName(guard, write) &&
        (write.kind === "upsert" ||
          guard.kind === "immutable" ||
          guard.names.length > 1),
    )
  );
}

/** Tells whether an update names a guarded field, or another field of the same top-level object. */
function mayName({ names }: Guard, { body, unset }: GuardedWrite): boolean {
  return [...Object.keys(body), ...unset.map(([name = ""]) => name)].some(
    (key) => matchesName(names, 0, namesOf(key)[0]!),
  );
}

/**
 * Checks that a write leaves guarded fields as they are. A write that creates the document may set any
 * field.
 *
 * @param current the stored document, if there is one and `needsCurrent` asks for it
 * @throws plugin.document-update.field_read_only, plugin.document-update.field_immutable,
 * plugin.document-update.field_forbidden, whose `props` are index, collection, _id and the fields
 */
export function checkGuards(
  guards: readonly Guard[],
  target: Target,
  write: GuardedWrite,
  current?: JSONObject,
): void {
  const { body, kind, unset } = write;
  if (kind !== "update" && current === undefined) {
    return;
  }
  const concerned = guards.filter((guard) =>
    kind === "replacement"
      ? // Kuzzle writes it at each replacement.
        guard.names[0] !== "_kuzzle_info"
      : mayName(guard, write),
  );
  if (concerned.length === 0) {
    return;
  }
  const written = indexedFields(body);
  for (const path of unset) {
    addField(written, path.flatMap(namesOf), null);
  }
  const after =
    kind === "replacement"
      ? body
      : current && removeUnset(mergeChanges(current, body), unset);
  const document: Field = {
    after: after && indexedFields(after, true),
    before: current && indexedFields(current, true),
    written,
  };
  for (const each of KINDS) {
    // An update may not name the field, whatever the value: that takes no stored document.
    const isByName =
      kind !== "replacement" && (each !== "immutable" || current === undefined);
    const fields = concerned
      .filter((guard) => guard.kind === each)
      .flatMap((guard) =>
        placesOn(guard.names, document).filter((place) =>
          isByName ? isNamed(guard, place) : isChanged(guard, place),
        ),
      )
      .map(({ path }) => formatPath(path));
    if (fields.length > 0) {
      throw fieldRefusal(each, target, fields);
    }
  }
}

/** A field in the stored document, in the document after the write, and in what the request writes. */
interface Field {
  readonly before: IndexedField | undefined;
  readonly after: IndexedField | undefined;
  readonly written: IndexedField | undefined;
}

/** A guarded field, or a field on the way to it. */
interface Place extends Field {
  readonly path: Path;
}

/** Returns the fields that match a guarded path, and those on the way to them. */
function placesOn(names: readonly string[], document: Field): Place[] {
  const places: Place[] = [{ ...document, path: [] }];
  for (const place of places) {
    const { path } = place;
    if (path.length === names.length) {
      continue;
    }
    for (const [name, field] of fieldsOf(place)) {
      if (matchesName(names, path.length, name)) {
        places.push({ ...field, path: [...path, name] });
      }
    }
  }

  return places;
}

/** Returns the fields in a field, by name. */
function fieldsOf({ after, before, written }: Field): [string, Field][] {
  const names = new Set<string>();
  for (const each of [written, before, after]) {
    for (const name of each?.fields.keys() ?? []) {
      names.add(name);
    }
  }

  return [...names].map((name) => [
    name,
    {
      after: after?.fields.get(name),
      before: before?.fields.get(name),
      written: written?.fields.get(name),
    },
  ]);
}

/** Tells whether a name matches the guarded path at a depth. */
function matchesName(
  names: readonly string[],
  depth: number,
  name: string,
): boolean {
  return names[depth] === "*"
    ? depth > 0 || name !== "_kuzzle_info"
    : names[depth] === name;
}

/** Tells whether an update names a guarded field, or replaces an object or a list that may contain it. */
function isNamed({ names }: Guard, { before, path, written }: Place): boolean {
  return (
    written !== undefined &&
    (path.length === names.length ||
      written.values.some(isLeaf) ||
      hasList(before))
  );
}

/**
 * Tells whether a write changes what is guarded. Of an `immutable` field, that is what has a value: all
 * of it as soon as anything in it has one, or with `.*` only that.
 */
function isChanged({ isOfEach, kind, names }: Guard, place: Place): boolean {
  const isImmutable = kind === "immutable";
  if (place.path.length < names.length) {
    // The objects of a list may contain the guarded field, and their order matters.
    return (
      (!isImmutable || hasList(place.before)) && isOther(place, Array.isArray)
    );
  }
  const all = withFieldsBelow(place);
  const set = all.filter(({ before }) => before?.values.some(isSet));
  const isOfSet = isImmutable && (isOfEach || set.length === 0);

  return (isOfSet ? set : all).some(
    (field) => !field.after !== !field.before || isOther(field, isLeaf),
  );
}

/** Returns a field and all fields below it. Does not recurse: a deep field cannot overflow the stack. */
function withFieldsBelow(field: Field): Field[] {
  const all = [field];
  for (const each of all) {
    for (const [, inside] of fieldsOf(each)) {
      all.push(inside);
    }
  }

  return all;
}

/**
 * Tells whether the values of a field that count differ before and after a write. In how many spellings
 * of the field they are stored does not matter.
 */
function isOther(
  { after, before, written }: Field,
  counts: (value: unknown) => boolean,
): boolean {
  const [is, was, sent] = [after, before, written].map(
    (each) => each?.values.filter(counts) ?? [],
  );

  // Of two numbers that JavaScript has rounded nobody knows whether they are the same.
  return keyOf(is!) !== keyOf(was!) || findInexact(sent) !== undefined;
}

function keyOf(values: readonly unknown[]): string {
  return [...new Set(values.map(equalityKey))].sort().join("\n");
}

function hasList(field: IndexedField | undefined): boolean {
  return field?.values.some(Array.isArray) === true;
}

/** Tells whether a value is anything but an object. */
const isLeaf = (value: unknown) => !isPlainObject(value);

/** Tells whether a value is indexed: neither null nor an object. */
const isSet = (value: unknown) => value !== null && isLeaf(value);

const ERRORS = {
  immutable: "field_immutable",
  readOnly: "field_read_only",
  writableBy: "field_forbidden",
} as const;

/** Most fields that an error names. */
const MAX_SHOWN = 10;

/** Makes the error of a write that guards of one kind refuse. */
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
