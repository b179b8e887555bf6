import type { JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import { isPlainObject } from "../json";
import type { Target } from "../kuzzle/collections";
import { type IndexedField, indexedFields, namesOf } from "./indexedFields";

/** Tells whether a document meets a condition. */
export type Condition = (document: JSONObject) => boolean;

/** Tests a document, given a function that reads its fields by path. */
type Test = (read: (path: string) => unknown) => boolean;

/** Makes the test of a clause from its argument. `at` is where the clause stands, for error messages. */
type Keyword = (argument: unknown, at: string) => Test;

/** Most levels of nesting in a filter. */
const MAX_DEPTH = 20;
/** Most values in a filter: objects, arrays and what they contain. */
const MAX_VALUES = 200;
/** Longest filter, in characters of JSON. */
const MAX_LENGTH = 10_000;
/** Longest part of a message that is shown, in characters: it may contain the whole filter. */
const MAX_MESSAGE = 300;

const BOUNDS: Readonly<Record<string, (one: number, two: number) => boolean>> =
  {
    gt: (one, two) => one > two,
    gte: (one, two) => one >= two,
    lt: (one, two) => one < two,
    lte: (one, two) => one <= two,
  };

/**
 * The keywords of Koncorde that conditions know. `regexp` is not among them, because a regular
 * expression can keep the node busy for seconds, nor are the geographical ones.
 *
 * Koncorde itself is built to find, among many filters, those that match a document: it brings each
 * filter into disjunctive normal form, which takes half a minute for 18 `or` clauses. Here the clauses
 * are evaluated one by one.
 *
 * @see https://docs.kuzzle.io/core/2/api/koncorde-filters-syntax/
 */
const keywords: Readonly<Record<string, Keyword>> = {
  and: (argument, at) => {
    const tests = clausesIn(argument, at);
    return (read) => tests.every((test) => test(read));
  },
  bool: (argument, at) => {
    const { must, must_not, should, should_not, ...rest } = objectOf(
      argument,
      at,
    );
    requireNoOther(rest, at, "must, must_not, should, should_not");
    const tests = [
      ...(must === undefined ? [] : clausesIn([must].flat(), at)),
      ...(should === undefined ? [] : [clause({ or: should }, at)]),
      ...(must_not === undefined
        ? []
        : [clause({ not: { or: must_not } }, at)]),
      ...(should_not === undefined
        ? []
        : [clause({ not: { and: should_not } }, at)]),
    ];
    return (read) => tests.every((test) => test(read));
  },
  equals: (argument, at) => {
    const [field, value] = onlyEntryOf(argument, at);
    if (typeof value === "object" && value !== null) {
      throw invalid(`${at}.${field}`, "a string, a number, a boolean or null");
    }
    return (read) => read(field) === value;
  },
  exists: (argument, at) => {
    const { element, path } = fieldOf(argument, at);
    return (read) => {
      const found = read(path);
      return element === undefined
        ? found !== undefined
        : Array.isArray(found) && found.includes(element.value);
    };
  },
  ids: (argument, at) => {
    const [name, values] = onlyEntryOf(argument, at);
    if (name !== "values") {
      throw invalid(at, 'an object with the property "values"');
    }
    return isOneOf("_id", values, `${at}.values`);
  },
  in: (argument, at) => {
    const [field, values] = onlyEntryOf(argument, at);
    return isOneOf(field, values, `${at}.${field}`);
  },
  match: (argument, at) => {
    const patterns = Object.entries(objectOf(argument, at));
    return (read) =>
      patterns.every(([path, pattern]) => contains(read(path), pattern));
  },
  missing: (argument, at) => negated(keywords["exists"]!(argument, at)),
  not: (argument, at) => negated(clause(argument, at)),
  nothing: () => () => false,
  or: (argument, at) => {
    const tests = clausesIn(argument, at);
    return (read) => tests.some((test) => test(read));
  },
  range: (argument, at) => {
    const [field, bounds] = onlyEntryOf(argument, at);
    const limits = limitsOf(bounds, `${at}.${field}`);
    return (read) => {
      const found = read(field);
      return (
        typeof found === "number" &&
        limits.every(([bound, limit]) => BOUNDS[bound]!(found, limit))
      );
    };
  },
  select: (argument, at) => {
    const { field, index, query, ...rest } = objectOf(argument, at);
    requireNoOther(rest, at, "field, index, query");
    if (typeof field !== "string" || field === "") {
      throw invalid(`${at}.field`, "the name of a field");
    }
    if (!Number.isInteger(index)) {
      throw invalid(`${at}.index`, "an integer");
    }
    const test = clause(query, `${at}.query`);
    return (read) => {
      const list = read(field);
      const value: unknown = Array.isArray(list)
        ? list.at(Number(index))
        : undefined;
      return value !== undefined && test(reading({ value }));
    };
  },
};

/**
 * Reads a condition: a filter in the part of Koncorde's language that the keywords above are.
 *
 * @param filter from the client; its size is limited before it is read
 * @throws plugin.document-update.invalid_condition
 */
export function readCondition(filter: unknown): Condition {
  requireBounded(filter);
  const test =
    Object.keys(filter).length === 0 ? () => true : clause(filter, "");

  return (document) => test(reading(document));
}

/**
 * @param source the stored document
 * @throws plugin.document-update.condition_not_met, which reveals nothing of the document
 */
export function checkCondition(
  condition: Condition,
  { _id, collection, index }: Target,
  source: JSONObject,
): void {
  if (!condition({ ...source, _id })) {
    throw pluginError("condition_not_met", index, collection, _id);
  }
}

function requireBounded(filter: unknown): asserts filter is JSONObject {
  if (!isPlainObject(filter)) {
    throw invalid("", "an object");
  }
  const values: [value: unknown, depth: number][] = [[filter, 1]];
  for (const [value, depth] of values) {
    if (typeof value !== "object" || value === null) {
      continue;
    }
    for (const each of Object.values(value) as unknown[]) {
      values.push([each, depth + 1]);
      if (values.length > MAX_VALUES || depth >= MAX_DEPTH) {
        throw invalid(
          "",
          `${MAX_VALUES} values in ${MAX_DEPTH} levels at most`,
        );
      }
    }
  }
  if (JSON.stringify(filter).length > MAX_LENGTH) {
    throw invalid("", `${MAX_LENGTH} characters at most`);
  }
}

/** Reads a clause: an object with one keyword. */
function clause(found: unknown, at: string): Test {
  const [keyword, argument] = onlyEntryOf(found, at);
  const place = at === "" ? keyword : `${at}.${keyword}`;
  if (!Object.hasOwn(keywords, keyword)) {
    throw invalid(place, `one of ${Object.keys(keywords).join(", ")}`);
  }

  return keywords[keyword]!(argument, place);
}

function clausesIn(found: unknown, at: string): readonly Test[] {
  if (!Array.isArray(found) || found.length === 0) {
    throw invalid(at, "a list of filters, not empty");
  }

  return found.map((each: unknown) => clause(each, at));
}

function negated(test: Test): Test {
  return (read) => !test(read);
}

function objectOf(found: unknown, at: string): JSONObject {
  if (!isPlainObject(found) || Object.keys(found).length === 0) {
    throw invalid(at, "an object, not empty");
  }

  return found;
}

function onlyEntryOf(found: unknown, at: string): [string, unknown] {
  const [entry, another] = Object.entries(objectOf(found, at));
  if (another !== undefined) {
    throw invalid(at, "an object with one property");
  }

  return entry as [string, unknown];
}

function requireNoOther(rest: object, at: string, allowed: string): void {
  const [name] = Object.keys(rest);
  if (name !== undefined) {
    throw invalid(`${at}.${name}`, `one of ${allowed}`);
  }
}

function isOneOf(field: string, values: unknown, at: string): Test {
  const isList =
    Array.isArray(values) &&
    values.length > 0 &&
    values.every((value) => typeof value === "string");
  if (!isList) {
    throw invalid(at, "a list of strings, not empty");
  }

  const allowed: ReadonlySet<unknown> = new Set(values as unknown[]);

  return (read) => allowed.has(read(field));
}

/** Reads the bounds of a range. An upper one must be above a lower one. */
function limitsOf(found: unknown, at: string): [string, number][] {
  const limits = Object.entries(objectOf(found, at)) as [string, unknown][];
  for (const [bound, limit] of limits) {
    if (!Object.hasOwn(BOUNDS, bound) || typeof limit !== "number") {
      throw invalid(`${at}.${bound}`, "a number for gt, gte, lt or lte");
    }
  }
  const numbers = limits as [string, number][];
  const [lower, upper] = ["gt", "lt"].map((begin) =>
    numbers.filter(([bound]) => bound.startsWith(begin)),
  ) as [[string, number][], [string, number][]];
  if (lower.length > 1 || upper.length > 1) {
    throw invalid(at, "one lower and one upper bound at most");
  }
  if (lower[0] && upper[0] && upper[0][1] <= lower[0][1]) {
    throw invalid(at, "an upper bound above the lower one");
  }

  return numbers;
}

/**
 * Reads what `exists` and `missing` name: a field, or an element of a list as in `tags["yellow"]`. A
 * bracket that is part of a name is escaped with a backslash.
 */
function fieldOf(
  found: unknown,
  at: string,
): { readonly path: string; readonly element?: { readonly value: unknown } } {
  // The older form: { exists: { field: "name" } }.
  const text = isPlainObject(found) ? onlyField(found, at) : found;
  if (typeof text !== "string" || text === "") {
    throw invalid(at, "the name of a field");
  }
  // For any other text the expression would take quadratic time.
  const [, list, element] = text.endsWith("]")
    ? (/^(.*?[^\\])\[(.*)]$/s.exec(text) ?? [])
    : [];
  const path = (list ?? text).replace(/\\([[\]])/g, "$1");
  if (element === undefined) {
    return { path };
  }
  try {
    return { element: { value: JSON.parse(element) as unknown }, path };
  } catch {
    throw invalid(at, `a JSON value in brackets, as in tags["yellow"]`);
  }
}

function onlyField(found: JSONObject, at: string): unknown {
  const [name, field] = onlyEntryOf(found, at);
  if (name !== "field") {
    throw invalid(at, 'an object with the property "field"');
  }

  return field;
}

/** Compares as `match` does: an object contains all keys of the pattern, a list all its elements. */
function contains(found: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern)) {
    const left: unknown[] = Array.isArray(found) ? [...found] : [];
    return (
      Array.isArray(found) &&
      pattern.every((each) => {
        const at = left.findIndex((value) => contains(value, each));
        return at !== -1 && left.splice(at, 1);
      })
    );
  }
  if (isPlainObject(pattern)) {
    return (
      isPlainObject(found) &&
      Object.entries(pattern).every(
        ([key, each]) =>
          Object.hasOwn(found, key) && contains(found[key], each),
      )
    );
  }

  return found === pattern;
}

/** Makes a function that returns the value at a path of a document. Lists are only read as a whole. */
function reading(document: JSONObject): (path: string) => unknown {
  const root = indexedFields(document);

  return (path) => {
    let field: IndexedField | undefined = root;
    for (const name of namesOf(path)) {
      field = field?.fields.get(name);
    }
    return field?.values.at(-1);
  };
}

/** @param at where in the filter; empty for all of it */
function invalid(at: string, expected: string): Error {
  const message = `${at === "" ? "it" : `"${at}"`} must be ${expected}`;

  return pluginError("invalid_condition", message.slice(0, MAX_MESSAGE));
}
