import assert from "node:assert/strict";
import { it } from "node:test";

import { findInexact } from "../../../lib/change/values";
import { kindOf } from "../../../lib/change/values";
import { aDeepArray, aDeepDocument } from "../../support/aDocument";

it("finds integers that may be rounded, and numbers that are not finite", () => {
  for (const number of [2 ** 53, -(2 ** 53), 1e300, Infinity, -Infinity, NaN]) {
    for (const value of [number, [1, number], { a: [{ b: number }] }]) {
      assert.equal(findInexact(value), number);
    }
  }
});

it("finds nothing in exact numbers and other values", () => {
  for (const value of [2 ** 53 - 1, -(2 ** 53) + 1, 0, -0, 1.5, 5e-324]) {
    assert.equal(findInexact([value]), undefined);
  }
  for (const value of [null, "9007199254740993", true, [], {}, undefined]) {
    assert.equal(findInexact(value), undefined);
  }
});

it("looks into values of any depth", () => {
  assert.equal(findInexact(aDeepArray(2 ** 53)), 2 ** 53);
  assert.equal(findInexact(aDeepDocument(2 ** 53)), 2 ** 53);
  assert.equal(findInexact(aDeepDocument(1)), undefined);
});

it("tells of a value what kind it is, and nothing else", () => {
  assert.deepEqual(
    [1, "secret", true, null, [1], { a: 1 }, NaN, Infinity].map(kindOf),
    [
      ...["a number", "a string", "a boolean", "null", "an array"],
      ...["an object", "NaN", "Infinity"],
    ],
  );
});
