import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";
import type { JSONObject } from "kuzzle";

import { removeUnset } from "../../../lib/change/merge";
import { aDocument, frozen, NAMES } from "../../support/aDocument";

it("removes fields, and leaves the object that they were in, if empty", () => {
  const source = frozen({ a: { b: { c: 1 }, d: 1 }, "a.b": 1, e: [1] });

  assert.deepEqual(
    removeUnset(source, [["a", "b", "c"], ["a.b"], ["x"], ["e", "0"]]),
    { a: { b: {}, d: 1 }, e: [1] },
  );
  assert.deepEqual(removeUnset(source, [["a"], ["a", "b"]]), {
    "a.b": 1,
    e: [1],
  });
});

it("removes fields one by one as it does all at once", () => {
  const aPath = fc.array(fc.constantFrom(...NAMES), {
    maxLength: 3,
    minLength: 1,
  });
  fc.assert(
    fc.property(aDocument(), fc.array(aPath), (document, paths) => {
      assert.deepEqual(
        removeUnset(frozen(document), paths),
        paths.reduceRight(
          (left, path) => removeUnset(frozen(left), [path]),
          document,
        ),
      );
    }),
  );
});

it("unsets a thousand fields of an object of 100,000 without copying it for each", () => {
  const fields = Object.fromEntries(
    Array.from({ length: 100_000 }, (_, number) => [`field${number}`, 1]),
  );
  const paths = Object.keys(fields)
    .slice(0, 1_000)
    .map((name) => ["a", name]);
  const start = performance.now();

  const { a } = removeUnset({ a: fields }, paths) as { a: JSONObject };

  assert.equal(Object.keys(a).length, 99_000);
  assert.equal(Object.keys(fields).length, 100_000);
  assert.ok(performance.now() - start < 5_000);
});
