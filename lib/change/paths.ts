import type { JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import { isPlainObject } from "../isPlainObject";
import { FORBIDDEN } from "../write/foldChanges";

/**
 * The names that lead to a field of a document, the outermost first.
 *
 * Written with a dot between names. A dot that is part of a name has a backslash before it, and so has
 * a backslash: `a.b` is `b` in the object `a`, `a\.b` is the field whose name is `a.b`. Elasticsearch
 * indexes both as one field, but stores them as two.
 */
export type Path = readonly string[];

/** Names in a path; nothing deeper can be named. */
const MAX_NAMES = 200;

/** @throws plugin.document-update.operator_path */
export function parsePath(text: string): Path {
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

/** Writes a path: `parsePath` reads it again. */
export function formatPath(path: Path): string {
  return path.map(formatName).join(".");
}

/** Writes one name of a path. */
export function formatName(name: string): string {
  return name.replace(/[\\.]/g, "\\$&");
}

/** What a path leads to in a document. */
export type Place =
  | { readonly kind: "found"; readonly value: unknown }
  | { readonly kind: "missing" }
  /** At `path`, on the way, there is a value that holds no fields: an array, a text, a number, a boolean. */
  | {
      readonly kind: "obstructed";
      readonly path: Path;
      readonly value: unknown;
    };

/**
 * Finds what a path leads to.
 *
 * A null on the way is no obstacle: a field beneath it is missing, and an update that sets it replaces
 * the null by an object, as natively.
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
 * Finds two paths of which the second is the same as the first, or inside it: of all such pairs, the
 * first in the order of their names.
 */
export function findOverlap(
  paths: readonly Path[],
): readonly [Path, Path] | undefined {
  // Sorted so, what is inside a path comes right behind it.
  const sorted = [...paths].sort(compare);
  for (const [index, path] of sorted.slice(1).entries()) {
    const before = sorted[index]!;
    if (before.every((name, depth) => name === path[depth])) {
      return [before, path];
    }
  }

  return undefined;
}

/** Name by name; a path comes before those inside it. */
function compare(one: Path, other: Path): number {
  for (let depth = 0; depth < Math.min(one.length, other.length); depth++) {
    if (one[depth] !== other[depth]) {
      return one[depth]! < other[depth]! ? -1 : 1;
    }
  }

  return one.length - other.length;
}
