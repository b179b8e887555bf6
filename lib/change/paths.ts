import type { JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import { isPlainObject } from "../json";
import { FORBIDDEN } from "../write/fold";

/**
 * The field names that lead to a field of a document, outermost first.
 *
 * As text, they are joined by dots. A dot or a backslash that is part of a name is escaped with a
 * backslash: `a.b` is the field `b` in the object `a`, and `a\.b` is the field named `a.b`.
 * Elasticsearch indexes both as the same field, but stores them as two.
 */
export type Path = readonly string[];

/** Most names in a path. Fields below that depth cannot be named. */
const MAX_NAMES = 200;

/**
 * Splits a path into its names, some of which may be empty.
 *
 * @throws plugin.document-update.operator_path if a backslash stands before another character
 */
export function splitPath(text: string): Path {
  const names: string[] = [];
  let name = "";
  for (let at = 0; at < text.length; at++) {
    let character = text[at]!;
    if (character === ".") {
      names.push(name);
      name = "";
      continue;
    }
    if (character === "\\") {
      character = text[++at] ?? "";
      if (character !== "." && character !== "\\") {
        throw invalid(text, "a backslash stands before a dot or a backslash");
      }
    }
    name += character;
  }
  names.push(name);

  return names;
}

/** @throws plugin.document-update.operator_path, also if no field that can be named has the path */
export function parsePath(text: string): Path {
  const names = splitPath(text);
  if (names.length > MAX_NAMES) {
    throw invalid(text, `it has more than ${MAX_NAMES} names`);
  }
  for (const each of names) {
    if (each === "") {
      throw invalid(text, "it has an empty name");
    }
    if (FORBIDDEN.has(each)) {
      throw invalid(text, `"${each}" cannot be the name of a field`);
    }
  }

  return names;
}

function invalid(text: string, reason: string): Error {
  return pluginError("operator_path", text, reason);
}

/** Formats a path as text. The inverse of `parsePath`. */
export function formatPath(path: Path): string {
  return path.map(formatName).join(".");
}

/** Formats one name of a path. */
export function formatName(name: string): string {
  return name.replace(/[\\.]/g, "\\$&");
}

/** Result of looking up a path in a document. */
export type Place =
  | { readonly kind: "found"; readonly value: unknown }
  | { readonly kind: "missing" }
  /**
   * At `path`, a parent of the field, there is a value that cannot have fields: an array, a string, a
   * number or a boolean.
   */
  | {
      readonly kind: "obstructed";
      readonly path: Path;
      readonly value: unknown;
    };

/**
 * Looks up a path in a document.
 *
 * If a parent is null, the field is missing: as natively, an update that sets it replaces the null by an
 * object.
 */
export function valueAt(document: JSONObject, path: Path): Place {
  let value: unknown = document;
  for (const [depth, name] of path.entries()) {
    if (value === null) {
      return { kind: "missing" };
    }
    if (!isPlainObject(value)) {
      return { kind: "obstructed", path: path.slice(0, depth), value };
    }
    if (!Object.hasOwn(value, name)) {
      return { kind: "missing" };
    }
    value = value[name];
  }

  return { kind: "found", value };
}

/**
 * Finds two paths of which the second equals the first or is inside it. If there are several such pairs,
 * it returns the first in the order of the names.
 */
export function findOverlap(
  paths: readonly Path[],
): readonly [Path, Path] | undefined {
  // In this order, paths inside another path come right after it.
  const sorted = [...paths].sort(compare);
  for (const [index, path] of sorted.slice(1).entries()) {
    const before = sorted[index]!;
    if (before.every((name, depth) => name === path[depth])) {
      return [before, path];
    }
  }

  return undefined;
}

/** Compares name by name; a path comes before the paths inside it. */
function compare(one: Path, other: Path): number {
  for (let depth = 0; depth < Math.min(one.length, other.length); depth++) {
    if (one[depth] !== other[depth]) {
      return one[depth]! < other[depth]! ? -1 : 1;
    }
  }

  return one.length - other.length;
}
