import type { JSONObject } from "kuzzle";

import { didYouMean } from "../didYouMean";
import { pluginError } from "../errors";
import { isPlainObject } from "../json";
import { fieldsDropped, mergeChanges, setField } from "./merge";
import {
  findOverlap,
  formatPath,
  parsePath,
  type Path,
  valueAt,
} from "./paths";
import { equalityKey, findInexact, kindOf } from "./values";

/** One operator applied to one field. `now` and `unset` have no operand. */
export interface Operation {
  readonly operator: OperatorName;
  readonly operand?: unknown;
  readonly path: Path;
}

export type OperatorName = keyof typeof onValues | "now" | "set" | "unset";

/** The operators of a request, in any order: no two of them have the same field, or one inside the other. */
export type Operators = readonly Operation[];

/** Result of applying operators to a document. */
export interface AppliedOperators {
  /** Only the computed fields; those to remove are null. */
  readonly changes: JSONObject;
  /** The existing fields to remove: by `unset`, and inside an object that `set` replaces. */
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
 * A field that is null is treated as missing, except by `unset`, which ignores missing fields. `now` and
 * `set` replace any value.
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
    if (operator === "set") {
      const { operand } = operation;
      const dropped = fieldsDropped(stored, operand);
      unset.push(...dropped.map((names) => [...path, ...names]));
      put(changes, path, withNulls(operand, dropped));
      continue;
    }
    put(changes, path, compute(operation, stored ?? undefined, now));
  }

  return { changes, unset };
}

/** Returns a value with null in place of some fields that it does not have: merged, they are changed. */
export function withNulls<TValue>(
  value: TValue,
  fields: readonly Path[],
): TValue {
  if (!isPlainObject(value) || fields.length === 0) {
    return value;
  }
  const nulls: JSONObject = {};
  for (const path of fields) {
    put(nulls, path, null);
  }

  return mergeChanges(value, nulls);
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
  const { compute, kind } = onValues[operator as keyof typeof onValues];
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
      setField(parent, name, {});
    }
    parent = parent[name] as JSONObject;
  }
  setField(parent, path.at(-1)!, value);
}

/** Most paths in all operators of a request. */
const MAX_PATHS = 1_000;

/** Kuzzle's metadata: Kuzzle overwrites this field at each write. */
const METADATA = "_kuzzle_info";

/**
 * Reads and validates the operators of a request, before the document is read.
 *
 * @param body the operators by name, such as `{ increment: { stock: -1 }, unset: ["draft"] }`; undefined
 * for none
 * @param changes the changes of the same request: no field may be in both
 * @throws plugin.document-update.invalid_operators; plugin.document-update.operator_path with the two
 * paths that are equal, or of which one is inside the other
 */
export function readOperators(body: unknown, changes: unknown): Operators {
  if (body === undefined) {
    return [];
  }
  if (!isPlainObject(body)) {
    throw invalid("*", "an object", kindOf(body));
  }
  const operators = Object.entries(body).flatMap(([operator, value]) =>
    readOperator(operator, value),
  );
  requireBounded(operators);

  const paths = operators.map(({ path }) => path);
  const sizes = new Map<object, number>();
  for (const path of paths) {
    if (path[0] === METADATA) {
      throw refused(path, `"${METADATA}" is Kuzzle's own`);
    }
    const other = pathIn(isPlainObject(changes) ? changes : {}, path, sizes);
    if (other) {
      throw refused(path, `"changes" has "${formatPath(other)}"`);
    }
  }
  const [one, other] = findOverlap(paths) ?? [];
  if (one && other) {
    throw refused(other, `there is an operator on "${formatPath(one)}", too`);
  }

  return operators;
}

/** @throws plugin.document-update.invalid_operators if there are too many */
export function requireBounded(operators: Operators): void {
  if (operators.length > MAX_PATHS) {
    throw invalid(
      "*",
      `at most ${MAX_PATHS} paths in all`,
      String(operators.length),
    );
  }
}

function readOperator(operator: string, value: unknown): Operators {
  if (operator === "now" || operator === "unset") {
    if (!Array.isArray(value)) {
      throw invalid(operator, "an array of paths", kindOf(value));
    }
    return value.map((text: unknown) => {
      if (typeof text !== "string") {
        throw invalid(operator, "an array of paths", `${kindOf(text)} in it`);
      }
      return { operator, path: parsePath(text) };
    });
  }
  if (operator !== "set" && !isOnValues(operator)) {
    const names = [...Object.keys(onValues), "set", "now", "unset"];
    const expected = `one of ${names.join(", ")}`;
    const hint = didYouMean(operator, names);
    throw invalid(operator, expected, kindOf(value), ...hint);
  }
  if (!isPlainObject(value)) {
    throw invalid(operator, "an object of operands by path", kindOf(value));
  }
  const kind = operator === "set" ? undefined : onValues[operator].kind;

  return Object.entries(value).map(([text, operand]) => {
    if (kind !== undefined && kindOf(operand) !== kind) {
      throw invalid(operator, `${kind} for "${text}"`, kindOf(operand));
    }
    // 1e999, in JSON, would be stored and compared as null.
    const infinite = findInexact(operand, Number.isFinite);
    if (infinite !== undefined) {
      throw invalid(operator, `finite numbers for "${text}"`, `${infinite}`);
    }
    return { operand: operand as unknown, operator, path: parsePath(text) };
  });
}

function isOnValues(operator: string): operator is keyof typeof onValues {
  return Object.hasOwn(onValues, operator);
}

/**
 * Finds a field of the changes that is at a path, above it or below it. An object counts as its fields;
 * only an empty object counts by itself.
 *
 * @param sizes cache of the sizes of objects, since many paths may lead into one large object
 */
function pathIn(
  changes: JSONObject,
  path: Path,
  sizes: Map<object, number>,
): Path | undefined {
  let value: unknown = changes;
  for (const [depth, name] of path.entries()) {
    if (!isPlainObject(value)) {
      return path.slice(0, depth);
    }
    if (!Object.hasOwn(value, name)) {
      const size = sizes.get(value) ?? Object.keys(value).length;
      sizes.set(value, size);
      return size === 0 && depth > 0 ? path.slice(0, depth) : undefined;
    }
    value = value[name];
  }
  const [name] = isPlainObject(value) ? Object.keys(value) : [];

  return name === undefined ? path : [...path, name];
}

function refused(path: Path, reason: string): Error {
  return pluginError("operator_path", formatPath(path), reason);
}

function invalid(...props: [string, string, string, ...string[]]): Error {
  return pluginError("invalid_operators", ...props);
}
