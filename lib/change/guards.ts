import { isPlainObject } from "../json";
import {
  collectionMatcher,
  type CollectionMatcher,
  isCollectionPattern,
} from "../kuzzle/collections";
import { namesOf } from "./indexedFields";
import { type Path, splitPath } from "./paths";

/**
 * Guarded fields of a collection, by path: names joined by dots, with `*` for any one name. A dot that is
 * part of a name may have a backslash before it; Elasticsearch does not distinguish it from a dot between
 * two names, and neither do guards.
 *
 * A guard covers its field and everything below it. Replacing a parent of the field counts as writing
 * the field. `_kuzzle_info` is guarded only if a guard names it.
 */
export interface FieldGuards {
  /** Fields that no update may write. */
  readonly readOnly?: readonly string[];
  /**
   * Fields that cannot be changed once they have a value. A field is protected as a whole. With
   * `billing.*`, each field below `billing` is protected by itself, and other fields can still be added.
   */
  readonly immutable?: readonly string[];
  /** Fields that an update may write only if its user has one of these profiles, given by their ids. */
  readonly writableBy?: Readonly<Record<string, readonly string[]>>;
}

/** In the order in which they are checked. */
export const KINDS = ["readOnly", "immutable", "writableBy"] as const;

/** Guards by collection pattern. If several patterns match a collection, all their guards apply. */
export type GuardsByCollection = Readonly<Record<string, FieldGuards>>;

/** A guard of one path. */
export interface Guard {
  readonly kind: keyof FieldGuards;
  readonly names: readonly string[];
  /** Whether each field below the path is guarded by itself (`.*`), rather than the whole. */
  readonly isOfEach: boolean;
  /** Profiles whose users are exempt. */
  readonly profileIds: readonly string[];
}

/** Tells whether a configured value is valid. */
export function isGuards(value: unknown): value is GuardsByCollection {
  return isRecord(value, isCollectionPattern, isFieldGuards);
}

/** Returns the guards of a collection. */
export type GuardsOf = (index: string, collection: string) => readonly Guard[];

/** Makes the function from the configuration. */
export function guardsOf(guards: GuardsByCollection): GuardsOf {
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

/** Leaves out the guards from which a user with these profiles is exempt. */
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

/** Reads a path as the index does: a dot inside a name is a dot between two names. */
function namesOfPath(path: string): Path {
  return splitPath(path).flatMap(namesOf);
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
  try {
    return (
      typeof value === "string" &&
      !splitPath(value).includes("") &&
      namesOfPath(value).every(
        (name) => name === "*" || (name !== "" && !name.includes("*")),
      )
    );
  } catch {
    return false;
  }
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
