import { isPlainObject } from "../isPlainObject";
import {
  type CollectionMatcher,
  collectionMatcher,
  isCollectionPattern,
} from "../write/collectionPattern";
import { namesOf } from "./indexedFields";

/**
 * Guards of the fields of a collection, by their paths: names with a dot between them. `*` stands for
 * any one name. The index takes a dot within a name for one between two, and so does a guard: a
 * backslash before a dot says nothing.
 *
 * A field is guarded with all that is beneath it, and what would replace a parent of it names it, too.
 * `_kuzzle_info` is guarded only where it is named.
 */
export interface FieldGuards {
  /** Fields that no update may name. */
  readonly readOnly?: readonly string[];
  /**
   * Fields that stay as they are once they have a value. A field is taken as a whole; of `billing.*`,
   * each field beneath by itself, so that others may be added.
   */
  readonly immutable?: readonly string[];
  /** Fields that an update may name if its user has one of these profiles, by their identifiers. */
  readonly writableBy?: Readonly<Record<string, readonly string[]>>;
}

/** In the order in which they are checked. */
export const KINDS = ["readOnly", "immutable", "writableBy"] as const;

/** By patterns of collections. Where several match, all their guards hold. */
export type GuardsByCollection = Readonly<Record<string, FieldGuards>>;

/** A guard of one path. */
export interface Guard {
  readonly kind: keyof FieldGuards;
  readonly names: readonly string[];
  /** Whether it is of each field beneath, rather than of the whole. */
  readonly isOfEach: boolean;
  /** Of those who need not care. */
  readonly profileIds: readonly string[];
}

/** Tells whether the configuration has guards in it. */
export function isGuards(value: unknown): value is GuardsByCollection {
  return isRecord(value, isCollectionPattern, isFieldGuards);
}

/** Makes a function that returns the guards of a collection, none for most. */
export function guardsOf(
  guards: GuardsByCollection,
): (index: string, collection: string) => readonly Guard[] {
  const all = Object.entries(guards).map(
    ([pattern, fields]): [CollectionMatcher, Guard[]] => [
      collectionMatcher([pattern]),
      toGuards(fields),
    ],
  );

  return (index, collection) =>
    all.flatMap(([matches, found]) =>
      matches(index, collection) ? found : [],
    );
}

/** Leaves out the guards that a user with these profiles need not care about. */
export function withoutExempt(
  guards: readonly Guard[],
  profileIds: readonly string[],
): readonly Guard[] {
  return guards.filter(
    (guard) => !guard.profileIds.some((id) => profileIds.includes(id)),
  );
}

function toGuards({ immutable, readOnly, writableBy }: FieldGuards): Guard[] {
  return [
    ...(readOnly ?? []).map((path) => toGuard("readOnly", path)),
    ...(immutable ?? []).map((path) => toGuard("immutable", path)),
    ...Object.entries(writableBy ?? {}).map(([path, profileIds]) =>
      toGuard("writableBy", path, profileIds),
    ),
  ];
}

function toGuard(
  kind: keyof FieldGuards,
  path: string,
  profileIds: readonly string[] = [],
): Guard {
  const names = namesOfPath(path);
  const isOfEach = names.length > 1 && names.at(-1) === "*";

  return {
    isOfEach,
    kind,
    names: isOfEach ? names.slice(0, -1) : names,
    profileIds,
  };
}

function namesOfPath(path: string): readonly string[] {
  return namesOf(path.replace(/\\([\\.])/g, "$1"));
}

function isFieldGuards(value: unknown): boolean {
  return (
    isPlainObject(value) &&
    Object.entries(value).every(([kind, paths]) =>
      kind === "writableBy"
        ? isRecord(paths, isPath, isListOf(isName))
        : ["immutable", "readOnly"].includes(kind) && isListOf(isPath)(paths),
    )
  );
}

function isPath(value: unknown): boolean {
  return (
    typeof value === "string" &&
    /^(?:[^\\]|\\[\\.])+$/.test(value) &&
    !value.endsWith(".") &&
    namesOfPath(value).every(
      (name) => name === "*" || (name !== "" && !name.includes("*")),
    )
  );
}

const isName = (value: unknown) => typeof value === "string" && value !== "";

const isListOf =
  (accepts: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.length > 0 && value.every(accepts);

function isRecord(
  value: unknown,
  acceptsKey: (key: string) => boolean,
  accepts: (value: unknown) => boolean,
): boolean {
  return (
    isPlainObject(value) &&
    Object.entries(value).every(
      ([key, each]) => acceptsKey(key) && accepts(each),
    )
  );
}
