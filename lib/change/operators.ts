import type { JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import { equalityKey } from "./equalityKey";
import { findInexact } from "./findInexact";
import { kindOf } from "./kindOf";
import { formatPath, type Path, valueAt } from "./paths";

/** One operator on one field; `now` and `unset` have no operand. */
export interface Operation {
  readonly operator: OperatorName;
  readonly operand?: unknown;
  readonly path: Path;
}

export type OperatorName = keyof typeof onValues | "now" | "unset";

/** The operators of a request. No field of one is that of another, or inside it: they have no order. */
export type Operators = readonly Operation[];

/** What operators make of a document. */
export interface Computed {
  /** The fields that were computed, and no others; those that are unset as null. */
  readonly changes: JSONObject;
  /** The fields that were there, and are to be removed. */
  readonly unset: readonly Path[];
}

type List = readonly unknown[];

/** An operator that computes a value from its operand and what is stored, both of one kind. */
interface OnValues {
  readonly kind: string;
  readonly compute: (operand: unknown, stored: unknown) => unknown;
}

/** Called with values of the kind alone; a field that is missing starts at the default of `stored`. */
function on<TValue>(
  kind: string,
  compute: (operand: TValue, stored?: TValue) => TValue,
): OnValues {
  return { compute: compute as OnValues["compute"], kind };
}

/** The operators that take an operand for each path. */
export const onValues = {
  increment: on<number>("a number", (operand, stored = 0) => stored + operand),
  multiply: on<number>("a number", (operand, stored = 1) => stored * operand),
  min: on<number>("a number", (operand, stored = operand) =>
    Math.min(stored, operand),
  ),
  max: on<number>("a number", (operand, stored = operand) =>
    Math.max(stored, operand),
  ),
  append: on<List>("an array", (operand, stored = []) => [
    ...stored,
    ...operand,
  ]),
  prepend: on<List>("an array", (operand, stored = []) => [
    ...operand,
    ...stored,
  ]),
  union: on<List>("an array", union),
  remove: on<List>("an array", (operand, stored = []) => {
    const gone = new Set(operand.map(equalityKey));
    return stored.filter((element) => !gone.has(equalityKey(element)));
  }),
};

/** Adds what is not there yet, each once. */
function union(operand: List, stored: List = []): List {
  const there = new Set(stored.map(equalityKey));
  const added = operand.filter((element) => {
    const { size } = there;
    return there.add(equalityKey(element)).size > size;
  });

  return [...stored, ...added];
}

/**
 * Computes what operators make of a document.
 *
 * A field that is null counts as missing, but to `unset`, which does nothing to a missing one. `now`
 * replaces whatever is there.
 *
 * @param source left as it is
 * @param now in ms since the epoch
 * @throws plugin.document-update.operator_path, where there is no object to hold a field;
 * plugin.document-update.operator_type; plugin.document-update.operator_result
 */
export function applyOperators(
  source: JSONObject,
  operators: Operators,
  now: number,
): Computed {
  const changes: JSONObject = {};
  const unset: Path[] = [];
  for (const operation of operators) {
    const { operator, path } = operation;
    const place = valueAt(source, path);
    if (place.kind === "obstructed") {
      const reason = `"${formatPath(place.path)}" is ${kindOf(place.value)}`;
      throw pluginError("operator_path", formatPath(path), reason);
    }
    if (operator === "unset") {
      if (place.kind === "missing") {
        continue;
      }
      unset.push(path);
    }
    const stored = place.kind === "found" ? place.value : undefined;
    put(changes, path, compute(operation, stored ?? undefined, now));
  }

  return { changes, unset };
}

function compute(
  { operand, operator, path }: Operation,
  stored: unknown,
  now: number,
): unknown {
  if (operator === "unset") {
    return null;
  }
  if (operator === "now") {
    return now;
  }
  const { compute, kind } = onValues[operator];
  const at = formatPath(path);
  if (stored !== undefined && kindOf(stored) !== kind) {
    throw pluginError("operator_type", operator, at, kind, kindOf(stored));
  }
  const result = compute(operand, stored);
  // All of an array is written back, also what was rounded as it was read.
  const inexact = findInexact([stored, result]);
  if (inexact !== undefined) {
    throw pluginError("operator_result", operator, at, String(inexact));
  }

  return result;
}

function put(document: JSONObject, path: Path, value: unknown): void {
  let parent = document;
  for (const name of path.slice(0, -1)) {
    if (!Object.hasOwn(parent, name)) {
      parent[name] = {};
    }
    parent = parent[name] as JSONObject;
  }
  parent[path.at(-1)!] = value;
}
