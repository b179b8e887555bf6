import type { JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import { isPlainObject } from "../isPlainObject";
import { kindOf } from "./kindOf";
import { type Operators, onValues } from "./operators";
import { findOverlap, formatPath, parsePath, type Path } from "./paths";

/** Paths in all the operators of a request. */
const MAX_PATHS = 1_000;

/** Kuzzle's own field: what it says there replaces whatever was computed. */
const METADATA = "_kuzzle_info";

/**
 * Reads the operators of a request, once, before any document is looked at.
 *
 * @param body the operators by name, such as `{ increment: { stock: -1 }, unset: ["draft"] }`; nothing
 * is no operators
 * @param changes what the same request changes beside them; no field may be among both
 * @throws plugin.document-update.invalid_operators; plugin.document-update.operator_path naming the
 * two paths of which one is the other, or inside it
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
 * Finds what changes have at a path, above it, or beneath it. An object is what is in it; only an empty
 * one is something itself.
 *
 * @param sizes of objects that were counted: many paths may lead into a large one
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
