import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";
import type { JSONObject } from "kuzzle";

import { foldChanges } from "../../../lib/write/fold";
import { merged } from "../../support/fakeElasticsearch";

const changes = fc.dictionary(
  fc.constantFrom("a", "b", "__proto__", "constructor"),
  fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.integer({ max: 9, min: 0 }),
      fc.constant(null),
      fc.constantFrom([1, "a"], [1, { a: 1 }]),
      fc.dictionary(fc.constantFrom("a", "b", "__proto__"), tie("value"), {
        noNullPrototype: true,
      }),
    ),
  })).value,
  { noNullPrototype: true },
) as fc.Arbitrary<JSONObject>;

it("makes of several changes what storage makes of one after another", () => {
  fc.assert(
    fc.property(changes, fc.array(changes), (document, all) => {
      const folded = {};
      const taken = all.filter((each) => foldChanges(folded, each));

      assert.deepEqual(
        merged(document, folded),
        taken.reduce(merged, document),
      );
    }),
    { numRuns: 2_000 },
  );
});

it("merges nothing that is not JSON, which a pipe may have set", () => {
  for (const value of [new Date(), undefined, () => 1, new Map()]) {
    const folded = { a: { b: 1 } };

    assert.equal(foldChanges(folded, { a: { b: value } }), false);
    assert.deepEqual(folded, { a: { b: 1 } });
  }
  assert.ok(foldChanges({}, Object.create(null) as JSONObject));
});

it("refuses changes that replace an object which others then merge with", () => {
  const folded = { a: { b: 1 } };

  for (const value of [1, null, [1]]) {
    const before = { a: { b: value } };
    assert.equal(foldChanges(before, { a: { b: { c: 1 } }, d: 1 }), false);
    assert.deepEqual(before, { a: { b: value } });
  }
  assert.ok(foldChanges(folded, { a: 1 }));
  assert.deepEqual(folded, { a: 1 });
});

it("merges only lists of strings, numbers and booleans", () => {
  for (const value of [{}, { __proto__: null }, null, [1], 1n, () => 1]) {
    const folded = { a: [1] };

    assert.equal(foldChanges(folded, { a: [1, value] }), false);
    assert.deepEqual(folded, { a: [1] });
  }
  for (const list of [[], [1, "text", true]]) {
    const folded = {};

    assert.ok(foldChanges(folded, { a: list }));
    assert.deepEqual(folded, { a: list });
  }
});

it("refuses what nests too deep to be walked through", () => {
  let deep: JSONObject = {};
  for (let depth = 0; depth < 100_000; depth++) {
    deep = { deep };
  }
  const folded = {};

  assert.equal(foldChanges(folded, deep), false);
  assert.deepEqual(folded, {});
});

it("refuses fields that Kuzzle cannot read back, at any depth", () => {
  for (const changes of ['{"__proto__":1}', '{"a":{"constructor":null}}']) {
    const folded = {};

    assert.equal(foldChanges(folded, JSON.parse(changes) as JSONObject), false);
    assert.deepEqual(folded, {});
  }
});
