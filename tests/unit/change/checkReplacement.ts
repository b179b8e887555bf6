import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";
import type { JSONObject, KuzzleError } from "kuzzle";

import { checkReplacement } from "../../../lib/change/guardedFields";
import { type FieldGuards, guardsOf } from "../../../lib/change/guards";
import { beneath, documents, guardedPath } from "../../support/guardedFields";

const target = { _id: "id", collection: "c", index: "i" };

/** The name of the error, and the fields that it tells; nothing where the replacement passes. */
const refusal = (
  guards: FieldGuards,
  before: JSONObject,
  after: JSONObject,
): string[] => {
  try {
    checkReplacement(
      guardsOf({ "i/c": guards })("i", "c"),
      target,
      before,
      after,
    );
  } catch (error) {
    const { id, props, status } = error as KuzzleError;
    assert.equal(status, 403);
    assert.deepEqual(props?.slice(0, 3), ["i", "c", "id"]);
    return [id.split(".").at(-1)!, ...props.slice(3)];
  }
  return [];
};

it("lets a document be replaced whose guarded fields stay as they are", () => {
  for (const [before, after] of [
    [{ a: { b: 1 } }, { a: { b: 1 } }],
    [{ a: { b: 1 } }, { a: { b: 1, x: 2 }, y: 3 }],
    [{ a: { b: { c: [1] } } }, { a: { b: { c: [1] } } }],
    [{ "a.b": 1 }, { "a.b": 1, c: 1 }],
    [{ a: [{ b: 1 }] }, { a: [{ b: 1 }] }],
    // The same field, spelled in another way.
    [{ a: { b: 1 } }, { "a.b": 1 }],
    [{ "a.b": { c: 1 } }, { a: { "b.c": 1 } }],
    [{ a: 1 }, { a: 2 }],
    [{ x: 1 }, {}],
    [{ a: null }, { a: {} }],
  ] as [JSONObject, JSONObject][]) {
    assert.deepEqual(
      refusal({ readOnly: ["a.b"] }, before, after),
      [],
      JSON.stringify([before, after]),
    );
  }
});

it("refuses each way to replace a guarded field, and to leave it out", () => {
  for (const [before, after, field] of [
    [{ a: { b: 1 } }, { a: { b: 2 } }, "a.b"],
    [{ a: { b: 1 } }, { a: { b: null } }, "a.b"],
    [{ a: { b: 1 } }, { a: {} }, "a"],
    [{ a: { b: 1 } }, {}, "a"],
    [{ a: { b: 1 } }, { a: [{ b: 1 }] }, "a"],
    [{ a: { b: 1 } }, { "a.b": 2 }, "a.b"],
    [{ a: [{ b: 1 }] }, { a: [] }, "a"],
    [{}, { a: { b: 1 } }, "a.b"],
    [{}, { a: { b: null } }, "a.b"],
    [{ "a.b": { c: 1 } }, { "a.b": { c: 2 } }, "a.b.c"],
    [{ "a.b.c": 1 }, { x: 1 }, "a"],
  ] as [JSONObject, JSONObject, string][]) {
    assert.equal(
      refusal({ readOnly: ["a.b"] }, before, after)[1],
      field,
      JSON.stringify([before, after]),
    );
  }
});

it("names the kind of the guard, and ignores what Kuzzle writes itself", () => {
  const before = { _kuzzle_info: { author: "x" }, a: 1, b: 1 };

  assert.deepEqual(refusal({ writableBy: { b: ["x"] } }, before, { a: 1 }), [
    "field_forbidden",
    "b",
  ]);
  assert.deepEqual(
    refusal({ readOnly: ["*"], writableBy: { b: ["x"] } }, before, {}),
    ["field_read_only", "a", "b"],
  );
  for (const path of ["_kuzzle_info", "_kuzzle_info.author", "*.author"]) {
    assert.deepEqual(refusal({ readOnly: [path] }, before, {}), []);
  }
});

it("treats names that every object has like any other", () => {
  const before = JSON.parse('{"__proto__":{"a":1},"b":{}}') as JSONObject;

  assert.deepEqual(refusal({ readOnly: ["a", "toString"] }, before, {}), []);
  assert.equal(
    refusal({ readOnly: ["__proto__.a"] }, before, { b: 1 })[1],
    "__proto__",
  );
});

it("never lets a guarded field change in the index", () => {
  let changed = 0;
  fc.assert(
    fc.property(guardedPath, documents, documents, (path, before, after) => {
      if (refusal({ readOnly: [path] }, before, after).length === 0) {
        changed += Number(JSON.stringify(before) !== JSON.stringify(after));
        assert.deepEqual(beneath(after, path), beneath(before, path));
      }
      assert.deepEqual(refusal({ readOnly: [path] }, after, after), []);
    }),
    { numRuns: 20_000 },
  );
  assert.ok(changed > 500);
});

it("refuses a number that JavaScript has rounded, since it would be stored rounded", () => {
  const guards = { readOnly: ["n"] };

  assert.deepEqual(refusal(guards, { n: 2 ** 60 }, { n: 2 ** 60 }), [
    "field_read_only",
    "n",
  ]);
  assert.deepEqual(refusal(guards, { n: 5 }, { n: 5 }), []);
});
