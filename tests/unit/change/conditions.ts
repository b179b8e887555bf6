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
  for (const [filter, message] of [
    [{ foo: 1 }, `"foo" must be one of ${ALL}`],
    [{ regexp: { a: "x" } }, `"regexp" must be one of ${ALL}`],
    [{ toString: 1 }, `"toString" must be one of ${ALL}`],
    [
      { and: [{ geoDistance: { distance: "1m", p: [0, 0] } }] },
      `"and.geoDistance" must be one of ${ALL}`,
    ],
    [
      { equals: { a: 1 }, exists: "a" },
      "it must be an object with one property",
    ],
    [
      { and: [{ or: [{ equals: 1 }] }] },
      '"and.or.equals" must be an object, not empty',
    ],
    [{ and: [{}] }, '"and" must be an object, not empty'],
    [{ and: "ab" }, '"and" must be a list of filters, not empty'],
    [{ or: [] }, '"or" must be a list of filters, not empty'],
    [{ not: [] }, '"not" must be an object, not empty'],
    [
      { equals: { a: [] } },
      '"equals.a" must be a string, a number, a boolean or null',
    ],
    [
      { equals: { a: 1, b: 1 } },
      '"equals" must be an object with one property',
    ],
    [{ bool: { must: 1 } }, '"bool" must be an object, not empty'],
    [
      { bool: { musn: [{ exists: "a" }] } },
      '"bool.musn" must be one of must, must_not, should, should_not',
    ],
    [
      { bool: { should: [] } },
      '"bool.or" must be a list of filters, not empty',
    ],
    [{ in: { a: [{}] } }, '"in.a" must be a list of strings, not empty'],
    [{ in: { a: [] } }, '"in.a" must be a list of strings, not empty'],
    [{ in: { a: "x" } }, '"in.a" must be a list of strings, not empty'],
    [
      { ids: { value: ["x"] } },
      '"ids" must be an object with the property "values"',
    ],
    [
      { ids: { values: [1] } },
      '"ids.values" must be a list of strings, not empty',
    ],
    [{ exists: "" }, '"exists" must be the name of a field'],
    [{ missing: 1 }, '"missing" must be the name of a field'],
    [
      { exists: { name: "a" } },
      '"exists" must be an object with the property "field"',
    ],
    [
      { exists: "a[x]" },
      '"exists" must be a JSON value in brackets, as in tags["yellow"]',
    ],
    [{ match: 1 }, '"match" must be an object, not empty'],
    [{ range: { a: {} } }, '"range.a" must be an object, not empty'],
    [
      { range: { a: { above: 1 } } },
      '"range.a.above" must be a number for gt, gte, lt or lte',
    ],
    [
      { range: { a: { gt: "1" } } },
      '"range.a.gt" must be a number for gt, gte, lt or lte',
    ],
    [
      { range: { a: { gt: 1, gte: 1 } } },
      '"range.a" must be one lower and one upper bound at most',
    ],
    [
      { range: { a: { lt: 1, lte: 1 } } },
      '"range.a" must be one lower and one upper bound at most',
    ],
    [
      { range: { a: { gt: 1, lte: 1 } } },
      '"range.a" must be an upper bound above the lower one',
    ],
    [
      { select: { field: 1, index: 0, query: { exists: "value" } } },
      '"select.field" must be the name of a field',
    ],
    [
      { select: { field: "", index: 0, query: { exists: "value" } } },
      '"select.field" must be the name of a field',
    ],
    [
      { select: { field: "a", index: 0.5, query: { exists: "value" } } },
      '"select.index" must be an integer',
    ],
    [
      { select: { field: "a", index: 0, query: 1 } },
      '"select.query" must be an object, not empty',
    ],
    [
      { select: { by: 1, field: "a", index: 0, query: { exists: "value" } } },
      '"select.by" must be one of field, index, query',
    ],
  ] as const) {
    assert.equal(refusal(filter), message);
  }
});

it("shows no more than the beginning of a filter", () => {
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
  assert.equal(
    refusal(json('{"equals":{"__proto__":1}}')),
    'it must be no field called "__proto__"',
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
  for (const [filter, expected] of [
    [{}, true],
    [{ nothing: true }, false],
    [{ not: { nothing: true } }, true],
    [{ equals: { a: 1 } }, true],
    [{ equals: { a: "1" } }, false],
    [{ equals: { "b.c": "text" } }, true],
    [{ equals: { "b.d": null } }, true],
    [{ equals: { x: null } }, false],
    [{ not: { equals: { x: 1 } } }, true],
    [{ in: { "b.c": ["text", "other"] } }, true],
    [{ in: { "b.c": ["other"] } }, false],
    [{ not: { in: { "b.c": ["text", "other"] } } }, false],
    [{ ids: { values: ["x"] } }, false],
    [{ exists: "b" }, true],
    [{ exists: "b.d" }, true],
    [{ exists: { field: "b.x" } }, false],
    [{ exists: 'list["x"]' }, true],
    [{ exists: 'list["y"]' }, false],
    [{ exists: 'a["x"]' }, false],
    [{ missing: "b.x" }, true],
    [{ missing: "b" }, false],
    [{ missing: 'list["x"]' }, false],
    [{ missing: 'a["x"]' }, true],
    [{ and: [{ missing: 'a["x"]' }, { equals: { a: 1 } }] }, true],
    [{ range: { a: { gt: 0, lte: 1 } } }, true],
    [{ range: { a: { gte: 1, lt: 1.5 } } }, true],
    [{ range: { a: { gt: 1 } } }, false],
    [{ range: { a: { lt: 1 } } }, false],
    [{ range: { "b.c": { gt: 0 } } }, false],
    [{ match: { a: 1, b: { c: "text" } } }, true],
    [{ match: { "b.c": "text" } }, true],
    [{ match: { b: { x: 1 } } }, false],
    [{ match: { a: { b: 1 } } }, false],
    [{ match: { a: [1] } }, false],
    [{ match: { things: [{ tags: ["q"] }, { size: 1 }] } }, true],
    [{ match: { things: [{ size: 1 }, { size: 1 }] } }, false],
    [
      {
        select: { field: "list", index: -3, query: { equals: { value: "x" } } },
      },
      true,
    ],
    [
      {
        select: {
          field: "things",
          index: 1,
          query: {
            and: [
              { exists: "value.tags" },
              { or: [{ equals: { "value.size": 2 } }, { exists: "x" }] },
            ],
          },
        },
      },
      true,
    ],
    [
      { select: { field: "list", index: 3, query: { exists: "value" } } },
      false,
    ],
    [{ select: { field: "a", index: 0, query: { exists: "value" } } }, false],
    [
      {
        not: {
          select: { field: "list", index: 0, query: { equals: { value: 1 } } },
        },
      },
      true,
    ],
    [{ and: [{ equals: { a: 1 } }, { equals: { a: 2 } }] }, false],
    [{ or: [{ equals: { a: 1 } }, { equals: { a: 2 } }] }, true],
    [{ not: { or: [{ equals: { a: 1 } }, { equals: { a: 2 } }] } }, false],
    [
      { bool: { must: [{ exists: "a" }], should_not: [{ exists: "b" }] } },
      false,
    ],
    [{ bool: { must: { exists: "a" }, must_not: [{ exists: "x" }] } }, true],
    [{ bool: { should: [{ exists: "x" }, { exists: "y" }] } }, false],
  ] as [JSONObject, boolean][]) {
    assert.equal(matches(filter, document), expected, JSON.stringify(filter));
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
