import type { JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import { isPlainObject } from "../isPlainObject";
import { kindOf } from "./kindOf";
import { type Operators, onValues } from "./operators";
import { findOverlap, formatPath, parsePath, type Path } from "./paths";

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
  if (operators.length > MAX_PATHS) {
    throw invalid(
      "*",
      `at most ${MAX_PATHS} paths in all`,
      String(operators.length),
    );
  }

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
  if (!isOnValues(operator)) {
    const names = Object.keys(onValues).join(", ");
    throw invalid(operator, `one of ${names}, now, unset`, kindOf(value));
  }
  if (!isPlainObject(value)) {
    throw invalid(operator, "an object of operands by path", kindOf(value));
  }
  const { kind } = onValues[operator];

  return Object.entries(value).map(([text, operand]) => {
    if (kindOf(operand) !== kind) {
      throw invalid(operator, `${kind} for "${text}"`, kindOf(operand));
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

function invalid(operator: string, expected: string, found: string): Error {
  return pluginError("invalid_operators", operator, expected, found);
}
