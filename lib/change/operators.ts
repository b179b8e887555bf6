import type { JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import { equalityKey } from "./equalityKey";
import { findInexact } from "./findInexact";
import { kindOf } from "./kindOf";
import { formatPath, type Path, valueAt } from "./paths";

/** One operator applied to one field. `now` and `unset` have no operand. */
export interface Operation {
  readonly operator: OperatorName;
  readonly operand?: unknown;
  readonly path: Path;
}

export type OperatorName = keyof typeof onValues | "now" | "unset";

/** The operators of a request, in any order: no two of them have the same field, or one inside the other. */
export type Operators = readonly Operation[];

/** Result of applying operators to a document. */
export interface AppliedOperators {
  /** Only the computed fields; those to remove are null. */
  readonly changes: JSONObject;
  /** The existing fields to remove. */
  readonly unset: readonly Path[];
}

type List = readonly unknown[];

/** An operator that computes a value from its operand and the stored value, both of the same kind. */
interface OnValues {
  readonly kind: string;
  readonly compute: (operand: unknown, stored: unknown) => unknown;
}

/**
 * Defines an operator on values of one kind. If the field is missing, the parameter `stored` takes its
 * default.
 */
function on<TValue>(
  kind: string,
  compute: (operand: TValue, stored?: TValue) => TValue,
): OnValues {
  return { compute: compute as OnValues["compute"], kind };
}

/** The operators that have an operand for each path. */
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

/** Adds the elements that are not in the array yet, each once. */
function union(operand: List, stored: List = []): List {
  const there = new Set(stored.map(equalityKey));
  const added = operand.filter((element) => {
    const { size } = there;
    return there.add(equalityKey(element)).size > size;
  });

  return [...stored, ...added];
}

/**
 * Applies operators to a document.
 *
 * A field that is null is treated as missing, except by `unset`, which ignores missing fields. `now`
 * replaces any value.
 *
 * @param source not modified
 * @param now in ms since the epoch
 * @throws plugin.document-update.operator_path if a parent of a field is not an object;
 * plugin.document-update.operator_type; plugin.document-update.operator_result
 */
export function applyOperators(
  source: JSONObject,
  operators: Operators,
  now: number,
): AppliedOperators {
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
  // The whole array is written back, including numbers that were rounded when it was parsed. So may the
  // operand have been, although the sum is exact.
  const added = operator === "increment" ? operand : undefined;
  const inexact = findInexact([stored, added, result]);
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
