import type { JSONObject } from "kuzzle";

import { compileClause, type KoncordeClass, type Test } from "./compileClause";
import { type IndexedField, indexedFields, namesOf } from "./indexedFields";

/**
 * Compiles a Koncorde filter into a test of documents.
 *
 * Koncorde itself is built to find, among many filters, those that match a document. It brings each
 * filter into disjunctive normal form, which takes half a minute for 18 `or` clauses, and it flattens
 * each document. Here the clauses of a filter are evaluated one by one, and `not` is the plain negation
 * of its clause.
 *
 * @throws Koncorde's own error
 */
export function compileFilter(
  filter: JSONObject,
  Koncorde: KoncordeClass,
): (document: JSONObject) => boolean {
  new Koncorde().validate(filter);
  const test = compile(filter, Koncorde);

  return (document) => test(reading(document));
}

function compile(filter: JSONObject, Koncorde: KoncordeClass): Test {
  const [[keyword, argument] = []] = Object.entries(filter);
  const tests = (filters: JSONObject[]) =>
    filters.map((each) => compile(each, Koncorde));

  switch (keyword) {
    case undefined:
      return () => true;
    case "and": {
      const all = tests(argument);
      return (read) => all.every((test) => test(read));
    }
    case "or": {
      const any = tests(argument);
      return (read) => any.some((test) => test(read));
    }
    case "not": {
      const test = compile(argument, Koncorde);
      return (read) => !test(read);
    }
    case "bool":
      return compile({ and: clausesOf(argument) }, Koncorde);
    case "select": {
      const test = compile(argument.query, Koncorde);
      return (read) => {
        const list = read(argument.field);
        const value: unknown = Array.isArray(list)
          ? list.at(argument.index)
          : undefined;
        return value !== undefined && test(reading({ value }));
      };
    }
    default:
      return compileClause(filter, Koncorde);
  }
}

/** Rewrites `bool` as Koncorde does. */
function clausesOf({ must, must_not, should, should_not }: JSONObject) {
  return [
    ...(must ? [must].flat() : []),
    ...(must_not ? [{ not: { or: must_not } }] : []),
    ...(should ? [{ or: should }] : []),
    ...(should_not ? [{ not: { and: should_not } }] : []),
  ];
}

/** Makes a function that returns the value at a path of a document. Arrays are only read as a whole. */
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
