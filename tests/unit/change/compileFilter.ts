import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";
import { Koncorde } from "koncorde";
import type { JSONObject } from "kuzzle";

import { compileFilter } from "../../../lib/change/compileFilter";

const matches = (filter: JSONObject, document: JSONObject) =>
  compileFilter(filter, Koncorde)(document);

const json = (text: string) => JSON.parse(text) as JSONObject;

it("matches as Koncorde says, keyword by keyword", () => {
  const document = {
    a: 1,
    at: { lat: 45, lon: 5 },
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
    [{ regexp: { "b.c": "^te?x" } }, true],
    [{ regexp: { "b.c": { flags: "i", value: "^TE" } } }, true],
    [{ regexp: { "b.c": "^TE" } }, false],
    [{ regexp: { a: "1" } }, false],
    [{ not: { regexp: { list: "x" } } }, true],
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
    [{ geoDistance: { at: "45,5", distance: "1km" } }, true],
    [{ geoDistance: { at: [45, 6], distance: "1km" } }, false],
    [{ not: { geoDistance: { at: [45, 6], distance: "1km" } } }, true],
    [{ geoDistance: { x: [45, 6], distance: "1km" } }, false],
    [{ geoDistanceRange: { at: [45, 5.1], from: "1km", to: "10km" } }, true],
    [
      { geoBoundingBox: { at: { bottom: 44, left: 4, right: 6, top: 46 } } },
      true,
    ],
    [
      {
        geoPolygon: {
          at: {
            points: [
              [44, 4],
              [46, 4],
              [46, 6],
              [44, 6],
            ],
          },
        },
      },
      true,
    ],
    [
      {
        and: [
          { geoDistance: { at: [45, 5], distance: "1km" } },
          { not: { geoDistance: { other: [45, 5], distance: "1km" } } },
        ],
      },
      true,
    ],
  ] as [JSONObject, boolean][]) {
    assert.equal(matches(filter, document), expected, JSON.stringify(filter));
  }
});

it("compares large numbers exactly, which Koncorde itself does not", () => {
  const range = { range: { a: { gt: 10_000_000 } } };
  const koncorde = new Koncorde();
  koncorde.register(range);

  assert.equal(matches(range, { a: 10_000_000 }), false);
  assert.equal(matches(range, { a: 10_000_001 }), true);
  assert.equal(koncorde.test({ a: 10_000_000 }).length, 1);
});

it("keeps no state of a regular expression between tests", () => {
  const test = compileFilter(
    { regexp: { a: { flags: "g", value: "x" } } },
    Koncorde,
  );

  assert.deepEqual(
    [1, 2, 3].map(() => test({ a: "x" })),
    [true, true, true],
  );
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
});

it("refuses names that Koncorde mistakes for its own", () => {
  for (const filter of [
    { equals: { constructor: 1 } },
    { exists: "toString" },
    { missing: "valueOf" },
    { exists: "__proto__" },
    { range: { toString: { gt: 1 } } },
  ]) {
    assert.throws(() => matches(filter, {}), /because of its name/);
  }
});

const field = fc.constantFrom("a", "b", "a.b", "b.a", "list");
const scalar = fc.oneof(
  fc.integer({ max: 2, min: 0 }),
  fc.constantFrom("x", "y", null, true),
);
const clause: fc.Arbitrary<JSONObject> = fc.oneof(
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
  // Koncorde's `not` of one is of the text of a list, too.
  fc
    .constantFrom("a", "b", "a.b")
    .map((name) => ({ regexp: { [name]: "^x" } })),
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
    clause,
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
        const test = compileFilter(given, Koncorde);
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
