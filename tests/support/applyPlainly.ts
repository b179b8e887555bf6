import { isDeepStrictEqual } from "node:util";

import type { JSONObject } from "kuzzle-sdk";

/** An operator on a field, by the names that lead to it. */
export interface Step {
  readonly operator: string;
  readonly operand?: unknown;
  readonly names: readonly string[];
}

/** What `modify` is asked to make of a document. */
export interface Modification {
  readonly changes: JSONObject;
  readonly steps: readonly Step[];
}

type List = readonly unknown[];

const numbers: Record<string, (stored: number, operand: number) => number> = {
  increment: (stored, operand) => stored + operand,
  max: (stored, operand) => Math.max(stored, operand),
  min: (stored, operand) => Math.min(stored, operand),
  multiply: (stored, operand) => stored * operand,
};
const lists: Record<string, (stored: List, operand: List) => List> = {
  append: (stored, operand) => [...stored, ...operand],
  prepend: (stored, operand) => [...operand, ...stored],
  remove: (stored, operand) => stored.filter((each) => !has(operand, each)),
  union: (stored, operand) =>
    operand.reduce<List>(
      (union, each) => (has(union, each) ? union : [...union, each]),
      stored,
    ),
};

/**
 * What a document should be after a modification, in the plainest words.
 *
 * @param now the instant that `now` stands for
 * @returns nothing where it should be refused
 */
export function applyPlainly(
  content: JSONObject,
  { changes, steps }: Modification,
  now: unknown,
): JSONObject | undefined {
  if (isContradictory({ changes, steps })) {
    return undefined;
  }
  const result = merge(structuredClone(content), changes);
  let isWhole = false;
  for (const { names, operand, operator } of steps) {
    const name = names.at(-1)!;
    const stored = parentOf(content, names.slice(0, -1));
    if (stored === "none") {
      return undefined;
    }
    if (operator === "unset") {
      if (Object.hasOwn(stored, name)) {
        isWhole = true;
        delete (parentOf(result, names.slice(0, -1)) as JSONObject)[name];
      }
      continue;
    }
    const before: unknown = Object.hasOwn(stored, name)
      ? (stored[name] ?? undefined)
      : undefined;
    const isGiven = operator === "now" || operator === "set";
    const given = operator === "now" ? now : structuredClone(operand);
    const after = isGiven ? given : computed(operator, before, operand);
    if (after === undefined || (!isGiven && !isExact([before, after]))) {
      return undefined;
    }
    isWhole ||= operator === "set" && losesFields(before, after);
    let parent = result;
    for (const each of names.slice(0, -1)) {
      if (!Object.hasOwn(parent, each) || parent[each] === null) {
        parent[each] = {};
      }
      parent = parent[each] as JSONObject;
    }
    parent[name] = after;
  }

  // What goes is left out of the whole document, which is written back.
  return isWhole && !isExact(content) ? undefined : result;
}

/** Tells whether two parts of a modification are about the same field, or one inside the other. */
export function isContradictory({ changes, steps }: Modification): boolean {
  const named = [...steps.map(({ names }) => names), ...leavesOf(changes)];

  return steps.some(({ names }) => named.filter(touches(names)).length > 1);
}

/** Tells whether an object has fields, at any depth, that what replaces it does not have. */
function losesFields(before: unknown, after: unknown): boolean {
  return (
    isObject(before) &&
    isObject(after) &&
    Object.keys(before).some(
      (name) =>
        !Object.hasOwn(after, name) || losesFields(before[name], after[name]),
    )
  );
}

/** The value that an operator makes; nothing where it cannot make one of what is stored. */
function computed(
  operator: string,
  stored: unknown,
  operand: unknown,
): unknown {
  const onNumbers = numbers[operator];
  if (onNumbers) {
    const neutral = { increment: 0, multiply: 1 }[operator] ?? operand;
    const value = stored ?? neutral;
    return typeof value === "number"
      ? onNumbers(value, operand as number)
      : undefined;
  }
  const value = stored ?? [];

  return Array.isArray(value)
    ? lists[operator]!(value, operand as List)
    : undefined;
}

/** The object that has a field: an empty one where it is missing, none where something else is there. */
function parentOf(
  document: JSONObject,
  names: readonly string[],
): JSONObject | "none" {
  let parent: unknown = document;
  for (const name of names) {
    if (!isObject(parent)) {
      return "none";
    }
    parent = Object.hasOwn(parent, name) ? (parent[name] ?? {}) : {};
  }

  return isObject(parent) ? parent : "none";
}

/** What a partial update makes of a document. */
function merge(document: JSONObject, changes: JSONObject): JSONObject {
  for (const [name, value] of Object.entries(changes)) {
    const before: unknown = Object.hasOwn(document, name)
      ? document[name]
      : undefined;
    document[name] =
      isObject(before) && isObject(value)
        ? merge(before, value)
        : structuredClone(value);
  }

  return document;
}

/** The names that lead to each value of changes; an object is what is in it, if anything is. */
function leavesOf(
  changes: JSONObject,
  names: readonly string[] = [],
): (readonly string[])[] {
  return Object.entries(changes).flatMap(([name, value]) =>
    isObject(value) && Object.keys(value).length > 0
      ? leavesOf(value, [...names, name])
      : [[...names, name]],
  );
}

/** Tells which fields are a field, inside it, or around it. */
function touches(field: readonly string[]) {
  return (other: readonly string[]): boolean =>
    field.slice(0, other.length).every((name, depth) => name === other[depth]);
}

function has(list: List, value: unknown): boolean {
  return list.some((each) => isDeepStrictEqual(each, value));
}

/** Tells that no number in a value is one that JavaScript may have rounded. */
export function isExact(value: unknown): boolean {
  return typeof value === "object" && value !== null
    ? Object.values(value).every(isExact)
    : !Number.isInteger(value) || Number.isSafeInteger(value);
}

function isObject(value: unknown): value is JSONObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
