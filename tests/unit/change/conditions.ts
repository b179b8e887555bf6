import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";
import { Koncorde } from "koncorde";
import type { JSONObject, KuzzleError } from "kuzzle";

import { checkCondition, readCondition } from "../../../lib/change/conditions";

const target = { _id: "id", collection: "c", index: "i" };

const refusal = (filter: unknown): string => {
  try {
    readCondition(filter);
  } catch (error) {
    const { id, message, status } = error as KuzzleError;
    assert.equal(id, "plugin.document-update.invalid_condition");
    assert.equal(status, 400);
    return message.replace(/^Invalid condition: (.*)\.$/s, "$1");
  }
  return "accepted";
};

const matches = (filter: JSONObject, document: JSONObject) =>
  readCondition(filter)(document);

const json = (text: string) => JSON.parse(text) as JSONObject;

const nested = (depth: number, innermost: unknown): unknown => {
  let value = innermost;
  for (let level = 0; level < depth; level++) {
    value = { not: value };
  }
  return value;
};

it("checks a document, and reveals only which one does not match", () => {
  const condition = readCondition({ equals: { secret: "a" } });

  checkCondition(condition, target, { secret: "a" });
  assert.throws(
    () => checkCondition(condition, target, { secret: "b" }),
    ({ id, message, props, status }: KuzzleError) => {
      assert.equal(id, "plugin.document-update.condition_not_met");
      assert.equal(status, 412);
      assert.deepEqual(props, ["i", "c", "id"]);
      assert.equal(
        message,
        'The document "i/c/id" does not meet the condition of the request.',
      );
      return true;
    },
  );
});

it("knows the document's own identifier, as Kuzzle's subscriptions do", () => {
  checkCondition(readCondition({ ids: { values: ["id"] } }), target, {});
  checkCondition(readCondition({ equals: { _id: "id" } }), target, {
    _id: "another",
  });
});

const ALL =
  "and, bool, equals, exists, ids, in, match, missing, not, nothing, or, range, select";

it("refuses an invalid condition, and tells where and what is expected", () => {
  const distance = { geoDistance: { distance: "1m", p: [0, 0] } };
  const select = { field: "a", index: 0, query: { exists: "value" } };
  const [strings, bounds] = [
    "must be a list of strings, not empty",
    "must be one lower and one upper bound at most",
  ];
  const number = "must be a number for gt, gte, lt or lte";
  for (const [message, ...all] of [
    [`"foo" must be one of ${ALL}`, { foo: 1 }],
    [`"regexp" must be one of ${ALL}`, { regexp: { a: "x" } }],
    [`"toString" must be one of ${ALL}`, { toString: 1 }],
    [`"and.geoDistance" must be one of ${ALL}`, { and: [distance] }],
    [
      "it must be an object with one property",
      { equals: { a: 1 }, exists: "a" },
    ],
    [
      '"and.or.equals" must be an object, not empty',
      { and: [{ or: [{ equals: 1 }] }] },
    ],
    ['"and" must be an object, not empty', { and: [{}] }],
    ['"and" must be a list of filters, not empty', { and: "ab" }, { and: [] }],
    ['"not" must be an object, not empty', { not: [] }],
    [
      '"equals.a" must be a string, a number, a boolean or null',
      { equals: { a: [] } },
    ],
    [
      '"equals" must be an object with one property',
      { equals: { a: 1, b: 1 } },
    ],
    ['"bool" must be an object, not empty', { bool: { must: 1 } }],
    [
      '"bool.musn" must be one of must, must_not, should, should_not',
      { bool: { musn: [{ exists: "a" }] } },
    ],
    [
      '"bool.or" must be a list of filters, not empty',
      { bool: { should: [] } },
    ],
    [`"in.a" ${strings}`, ...[[{}], [], "x"].map((a) => ({ in: { a } }))],
    [
      '"ids" must be an object with the property "values"',
      { ids: { value: ["x"] } },
    ],
    [`"ids.values" ${strings}`, { ids: { values: [1] } }],
    ['"exists" must be the name of a field', { exists: "" }],
    ['"missing" must be the name of a field', { missing: 1 }],
    [
      '"exists" must be an object with the property "field"',
      { exists: { name: "a" } },
    ],
    [
      '"exists" must be a JSON value in brackets, as in tags["yellow"]',
      { exists: "a[x]" },
    ],
    ['"match" must be an object, not empty', { match: 1 }],
    ['"range.a" must be an object, not empty', { range: { a: {} } }],
    [`"range.a.above" ${number}`, { range: { a: { above: 1 } } }],
    [`"range.a.gt" ${number}`, { range: { a: { gt: "1" } } }],
    [
      `"range.a" ${bounds}`,
      { range: { a: { gt: 1, gte: 1 } } },
      { range: { a: { lt: 1, lte: 1 } } },
    ],
    [
      '"range.a" must be an upper bound above the lower one',
      { range: { a: { gt: 1, lte: 1 } } },
    ],
    [
      '"select.field" must be the name of a field',
      ...[1, ""].map((field) => ({ select: { ...select, field } })),
    ],
    [
      '"select.index" must be an integer',
      { select: { ...select, index: 0.5 } },
    ],
    [
      '"select.query" must be an object, not empty',
      { select: { ...select, query: 1 } },
    ],
    [
      '"select.by" must be one of field, index, query',
      { select: { ...select, by: 1 } },
    ],
  ] as const) {
    all.forEach((filter) => assert.equal(refusal(filter), message));
  }
  assert.ok(refusal({ [`a${"x".repeat(9_000)}`]: 1 }).length < 400);
});

it("refuses what is no object", () => {
  for (const filter of [undefined, null, [], "{}", 1, true, () => 1]) {
    assert.equal(refusal(filter), "it must be an object");
  }
});

it("refuses what goes too deep, or is too large, and accepts the maximum", () => {
  const size = "it must be 200 values in 20 levels at most";
  const wide = { in: { a: Array.from({ length: 1_000_000 }, String) } };

  assert.equal(refusal(nested(20, { exists: "a" })), size);
  assert.equal(refusal(nested(100_000, {})), size);
  assert.equal(refusal({ match: { a: nested(19, 1) } }), size);
  assert.equal(refusal(wide), size);
  assert.equal(
    refusal({ equals: { a: "x".repeat(10_000) } }),
    "it must be 10000 characters at most",
  );
  assert.equal(refusal(nested(18, { exists: "a" })), "accepted");
  assert.equal(refusal({ equals: { a: "x".repeat(9_900) } }), "accepted");
  assert.equal(
    refusal({ and: Array.from({ length: 60 }, () => ({ equals: { a: 1 } })) }),
    "accepted",
  );
});

it("applies at once a filter that takes Koncorde a minute", () => {
  const lists = Array.from({ length: 30 }, (_, list) => ({
    in: { [`field${list}`]: ["a", "b"] },
  }));
  const condition = readCondition({ and: lists });
  const document = Object.fromEntries(
    lists.map((_, list) => [`field${list}`, "b"]),
  );

  assert.equal(condition(document), true);
  assert.equal(condition({ ...document, field7: "c" }), false);
});

it("applies a condition to a document of any depth", () => {
  const deep = nested(100_000, { a: 1 }) as JSONObject;

  assert.equal(matches({ exists: "not.not" }, deep), true);
  assert.equal(matches({ equals: { "not.a": 1 } }, deep), false);
  assert.equal(matches({ match: { not: { not: {} } } }, deep), true);
});

it("is not affected by later changes of the filter object", () => {
  const filter = { equals: { a: 1 } };
  const condition = readCondition(filter);
  filter.equals.a = 2;

  assert.equal(condition({ a: 1 }), true);
  assert.equal(matches(filter, { a: 1 }), false);
});

it("compares large numbers exactly, which Koncorde itself does not", () => {
  const range = { range: { a: { gt: 10_000_000 } } };

  assert.equal(matches(range, { a: 10_000_000 }), false);
  assert.equal(matches(range, { a: 10_000_001 }), true);
});

it("reads the name of a field with brackets, which are escaped", () => {
  assert.equal(matches({ exists: "a\\[0\\]" }, { "a[0]": 1 }), true);
  assert.equal(matches({ exists: 'a["x"]' }, { a: ["x"] }), true);
});

it("matches as Koncorde says, keyword by keyword", () => {
  const document = {
    a: 1,
    b: { c: "text", d: null },
    list: ["x", 1, null],
    things: [{ size: 1 }, { size: 2, tags: ["p", "q"] }],
  };
  const select = (field: string, index: number, query: JSONObject) => ({
    select: { field, index, query },
  });
  const isThere = { exists: "value" };
  const either = { or: [{ equals: { "value.size": 2 } }, { exists: "x" }] };
  for (const [expected, ...all] of [
    [
      true,
      ...[{}, { not: { nothing: true } }],
      ...[{ equals: { "b.d": null } }, { not: { equals: { x: 1 } } }],
      ...[{ in: { "b.c": ["text", "other"] } }, { exists: "b.d" }],
      ...[{ exists: 'list["x"]' }, { missing: 'a["x"]' }, { missing: "b.x" }],
      { and: [{ missing: 'a["x"]' }, { equals: { a: 1 } }] },
      ...[{ range: { a: { gt: 0, lte: 1 } } }],
      ...[{ range: { a: { gte: 1, lt: 1.5 } } }],
      ...[{ match: { a: 1, b: { c: "text" } } }, { match: { "b.c": "text" } }],
      { match: { things: [{ tags: ["q"] }, { size: 1 }] } },
      select("list", -3, { equals: { value: "x" } }),
      select("things", 1, { and: [{ exists: "value.tags" }, either] }),
      { not: select("list", 0, { equals: { value: 1 } }) },
      { bool: { must: { exists: "a" }, must_not: [{ exists: "x" }] } },
    ],
    [
      false,
      ...[{ nothing: true }, { equals: { a: "1" } }, { equals: { x: null } }],
      ...[{ ids: { values: ["x"] } }, { exists: { field: "b.x" } }],
      { not: { in: { "b.c": ["text", "other"] } } },
      ...[{ exists: 'list["y"]' }, { exists: 'a["x"]' }, { missing: "b" }],
      ...[{ missing: 'list["x"]' }, { range: { "b.c": { gt: 0 } } }],
      ...[{ range: { a: { gt: 1 } } }, { range: { a: { lt: 1 } } }],
      ...[{ match: { b: { x: 1 } } }, { match: { a: { b: 1 } } }],
      { match: { things: [{ size: 1 }, { size: 1 }] } },
      ...[{ match: { a: [1] } }, select("list", 3, isThere)],
      ...[select("a", 0, isThere)],
      { bool: { must: [{ exists: "a" }], should_not: [{ exists: "b" }] } },
      { bool: { should: [{ exists: "x" }, { exists: "y" }] } },
    ],
  ] as [boolean, ...JSONObject[]][]) {
    for (const each of all) {
      assert.equal(matches(each, document), expected, JSON.stringify(each));
    }
  }
});

it("finds no field in prototypes", () => {
  for (const document of [
    json('{"__proto__":{"role":"admin"}}'),
    { "": { role: "admin" } },
    { list: [{ role: "admin" }] },
    { ".role": "admin" },
  ]) {
    assert.equal(matches({ equals: { role: "admin" } }, document), false);
    assert.equal(matches({ missing: "role" }, document), true);
  }
  assert.equal(matches({ match: { a: { toString: {} } } }, { a: {} }), false);
  assert.equal(matches({ equals: { "a.b": 1 } }, { "a.b": 1 }), true);
  for (const name of ["constructor", "toString", "valueOf"]) {
    assert.equal(matches({ exists: name }, {}), false);
    assert.equal(matches({ equals: { [name]: 1 } }, { [name]: 1 }), true);
  }
});

const field = fc.constantFrom("a", "b", "a.b", "b.a", "list");
const scalar = fc.oneof(
  fc.integer({ max: 2, min: 0 }),
  fc.constantFrom("x", "y", null, true),
);
const someClause: fc.Arbitrary<JSONObject> = fc.oneof(
  fc
    .tuple(field, scalar)
    .map(([name, value]) => ({ equals: { [name]: value } })),
  fc
    .tuple(
      field,
      fc.uniqueArray(fc.constantFrom("x", "y", "z"), { minLength: 1 }),
    )
    .map(([name, values]) => ({ in: { [name]: values } })),
  field.map((name) => ({ exists: name })),
  // Koncorde takes a list that misses a value for a field that is missing.
  field.map((name) => ({ missing: name })),
  fc
    .tuple(field, fc.constantFrom("gt", "gte", "lt", "lte"))
    .map(([name, bound]) => ({ range: { [name]: { [bound]: 1 } } })),
  fc
    .tuple(field, scalar)
    .map(([name, value]) => ({ match: { [name]: value } })),
  field.map((name) => ({
    select: { field: name, index: 0, query: { equals: { value: "x" } } },
  })),
);
const filter = fc.letrec<{ filter: JSONObject }>((tie) => ({
  filter: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    someClause,
    fc
      .tuple(
        fc.constantFrom("and", "or"),
        fc.array(tie("filter"), { maxLength: 3, minLength: 1 }),
      )
      .map(([keyword, filters]) => ({ [keyword]: filters })),
    tie("filter").map((not) => ({ not })),
    fc
      .dictionary(
        fc.constantFrom("must", "must_not", "should", "should_not"),
        fc.array(tie("filter"), { maxLength: 2, minLength: 1 }),
        { minKeys: 1 },
      )
      .map((bool) => ({ bool: { ...bool } })),
  ),
})).filter;
const document = fc.record(
  {
    a: fc.oneof(
      scalar,
      fc.record({ b: scalar }, { noNullPrototype: true, requiredKeys: [] }),
    ),
    b: fc.oneof(
      scalar,
      fc.record({ a: scalar }, { noNullPrototype: true, requiredKeys: [] }),
    ),
    list: fc.array(scalar, { maxLength: 2 }),
  },
  { noNullPrototype: true, requiredKeys: [] },
);

it("matches what Koncorde matches", () => {
  let compared = 0;
  fc.assert(
    fc.property(
      filter,
      fc.array(document, { maxLength: 5 }),
      (given, documents) => {
        // It takes minutes for more.
        fc.pre(JSON.stringify(given).length < 250);
        const koncorde = new Koncorde();
        try {
          koncorde.register(given);
        } catch {
          // It knows no `not` of `select` or `nothing`, and takes no more than 50 conditions.
          return;
        }
        const test = readCondition(given);
        for (const each of documents) {
          compared++;
          assert.equal(
            test(each),
            koncorde.test(each).length > 0,
            JSON.stringify([given, each]),
          );
        }
      },
    ),
    { numRuns: 1_000 },
  );
  assert.ok(compared > 1_000);
});

it("reads the longest name of a field in no more time than another one of its length", () => {
  const timed = (name: string) => {
    const begun = performance.now();
    for (let n = 0; n < 20; n++) {
      refusal({ exists: name });
    }
    return performance.now() - begun;
  };
  const LENGTH = 4_900;
  timed("a".repeat(LENGTH));

  for (const name of ["[", "[\n", "\\["]) {
    const long = name.repeat(LENGTH / name.length);
    const most = 50 * timed("a".repeat(LENGTH)) + 50;
    assert.ok(timed(long) < most, name);
    assert.ok(timed(`${long}]`) < most, name);
  }
});
