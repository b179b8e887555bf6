import type { JSONObject } from "kuzzle";

import { compileClause, type KoncordeClass, type Test } from "./compileClause";
import { type IndexedField, indexedFields, namesOf } from "./indexedFields";

/**
 * Makes a test of documents of a filter that Koncorde reads.
 *
 * Koncorde is made to find, of many filters, those that a document matches. For that it makes of each
 * one `or` of `and`s, which takes half a minute for 18 lists, and it writes out every document. Here the
 * clauses of a filter are applied one by one, and `not` is true of whatever the rest is not.
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

/** As Koncorde reads `bool`. */
function clausesOf({ must, must_not, should, should_not }: JSONObject) {
  return [
    ...(must ? [must].flat() : []),
    ...(must_not ? [{ not: { or: must_not } }] : []),
    ...(should ? [{ or: should }] : []),
    ...(should_not ? [{ not: { and: should_not } }] : []),
  ];
}

/** Makes a function that returns what a document has at a path; of a list, only the whole. */
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
