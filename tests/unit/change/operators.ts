import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";
import type { JSONObject } from "kuzzle";

import { mergeChanges, wholeDocument } from "../../../lib/change/merge";
import {
  applyOperators,
  type AppliedOperators,
  type Operators,
} from "../../../lib/change/operators";
import { formatPath } from "../../../lib/change/paths";
import { readOperators } from "../../../lib/change/operators";
import { aDeepArray, aDocument, frozen, NAMES } from "../../support/aDocument";
import { applyPlainly } from "../../support/applyPlainly";
import { refusal } from "../../support/refusal";

const NOW = 1_700_000_000_000;

const apply = (source: JSONObject, body: JSONObject): AppliedOperators =>
  applyOperators(frozen(source), readOperators(frozen(body), {}), NOW);
const changesOf = (source: JSONObject, body: JSONObject) =>
  apply(source, body).changes;

it("starts at the neutral value where the field, or an object around it, is missing or null", () => {
  const numbers = { increment: 2, max: 2, min: 2, multiply: 2 };
  const arrays = { append: [1, 1], prepend: [1, 1], remove: [], union: [1] };

  for (const source of [{}, { a: null }, { a: { b: null } }]) {
    for (const [operator, operand] of Object.entries(numbers)) {
      const changes = changesOf(source, { [operator]: { "a.b": operand } });
      assert.deepEqual(changes, { a: { b: 2 } });
    }
    for (const [operator, result] of Object.entries(arrays)) {
      const changes = changesOf(source, { [operator]: { "a.b": [1, 1] } });
      assert.deepEqual(changes, { a: { b: result } });
    }
  }
});

it("unsets existing fields, null included, and no missing ones", () => {
  const source = { a: { b: 1, c: null }, "a.b": [1], d: null };
  const unset = ["a.b", "a.c", "a.x", "a\\.b", "d.e", "x.y"];

  assert.deepEqual(apply(source, { unset }), {
    changes: { a: { b: null, c: null }, "a.b": null },
    unset: [["a", "b"], ["a", "c"], ["a.b"]],
  });
});

it("refuses a stored value of another type, and tells no more of it than that", () => {
  for (const [stored, found] of [
    ["secret", "a string"],
    [true, "a boolean"],
    [{ a: 1 }, "an object"],
    [[1], "an array"],
  ] as const) {
    assert.throws(
      () => apply({ a: { b: stored } }, { increment: { "a.b": 1 } }),
      refusal("operator_type", "increment", "a.b", "a number", found),
    );
  }
  assert.throws(
    () => apply({ "a.b": 1 }, { union: { "a\\.b": [1] } }),
    refusal("operator_type", "union", "a\\.b", "an array", "a number"),
  );
});

it("refuses a path through what holds no fields", () => {
  for (const [stored, found] of [
    [[{ c: 1 }], "an array"],
    ["secret", "a string"],
    [5, "a number"],
  ] as const) {
    for (const body of [{ increment: { "a.b.0": 1 } }, { unset: ["a.b.0"] }]) {
      assert.throws(
        () => apply({ a: { b: stored } }, body),
        refusal("operator_path", "a.b.0", `"a.b" is ${found}`),
      );
    }
  }
});

it("refuses a number that is not exact, computed or stored", () => {
  for (const [a, body, found] of [
    [2 ** 53 - 1, { increment: { a: 1 } }, "9007199254740992"],
    [100, { multiply: { a: 1e308 } }, "Infinity"],
    [-2, { increment: { a: 2 ** 53 } }, "9007199254740992"],
    [2 ** 53, { increment: { a: -10 } }, "9007199254740992"],
    [-(2 ** 53), { max: { a: 1 } }, "-9007199254740992"],
    [[{ b: 2 ** 53 }], { append: { a: [1] } }, "9007199254740992"],
    [[2 ** 53], { remove: { a: [2 ** 53] } }, "9007199254740992"],
    [[], { prepend: { a: [1e300] } }, "1e+300"],
  ] as const) {
    const [operator = ""] = Object.keys(body);
    assert.throws(
      () => apply({ a }, body),
      refusal("operator_result", operator, "a", found),
    );
  }
  const source = { a: 1, b: 2 ** 53, c: -0.5 };
  assert.deepEqual(changesOf(source, { increment: { a: 2 ** 53 - 2, c: 0 } }), {
    a: 2 ** 53 - 1,
    c: -0.5,
  });
});

it("refuses what JSON reads as infinite", () => {
  const source = JSON.parse('{"a":1e999}') as JSONObject;

  assert.throws(
    () => applyOperators(source, readOperators({ min: { a: 1 } }, {}), NOW),
    refusal("operator_type", "min", "a", "a number", "Infinity"),
  );
});

it("finds no field in a prototype", () => {
  const source = JSON.parse('{"__proto__":{"a":1}}') as JSONObject;
  const body = { increment: { toString: 1, "valueOf.prototype": 2, a: 3 } };

  assert.deepEqual(
    applyOperators(source, readOperators(body, {}), NOW).changes,
    { a: 3, toString: 1, valueOf: { prototype: 2 } },
  );
  assert.equal(({} as JSONObject)["a"], undefined);
});

it("computes with arrays of 50,000 elements, and elements of any depth", () => {
  const a = Array.from({ length: 50_000 }, (_, number) => ({ number }));
  const b = Array.from({ length: 50_000 }, (_, number) => ({
    number: -number,
  }));
  const start = performance.now();

  const { changes } = apply(
    { a, b: a },
    { remove: { a: b }, union: { b } },
  ) as AppliedOperators & { changes: { a: unknown[]; b: unknown[] } };
  assert.equal(changes.a.length, 49_999);
  assert.equal(changes.b.length, 99_999);
  assert.ok(performance.now() - start < 5_000);

  const deep = (value: unknown): Operators => [
    { operand: [aDeepArray(value)], operator: "union", path: ["a"] },
  ];
  const source = { a: [aDeepArray(1)] };
  const lengthOf = ({ changes }: AppliedOperators) =>
    (changes["a"] as unknown[]).length;
  assert.equal(lengthOf(applyOperators(source, deep(1), NOW)), 1);
  assert.equal(lengthOf(applyOperators(source, deep(2), NOW)), 2);
});

const aPath = fc
  .array(fc.constantFrom(...NAMES), { maxLength: 3, minLength: 1 })
  .map(formatPath);
const aNumber = fc.oneof(
  fc.integer({ max: 5, min: -5 }),
  fc.constantFrom(0.5, 2 ** 53 - 2, 2 ** 40),
);
const anArray = fc.array(
  fc.oneof(fc.integer({ max: 3, min: 0 }), aDocument(["a"])),
  { maxLength: 4 },
);
const someNumbers = fc.dictionary(aPath, aNumber, { maxKeys: 2 });
const someArrays = fc.dictionary(aPath, anArray, { maxKeys: 2 });
const somePaths = fc.uniqueArray(aPath, { maxLength: 2 });
const someOperators = fc
  .record(
    {
      append: someArrays,
      increment: someNumbers,
      max: someNumbers,
      min: someNumbers,
      multiply: someNumbers,
      now: somePaths,
      prepend: someArrays,
      remove: someArrays,
      set: fc.dictionary(aPath, fc.oneof(aDocument(), anArray, aNumber), {
        maxKeys: 2,
      }),
      union: someArrays,
      unset: somePaths,
    },
    { requiredKeys: [] },
  )
  .map((body) => ({ ...body }));

it("computes the same as plain JavaScript, in any order, or stores nothing", () => {
  const outcomes = { refused: 0, stored: 0 };
  fc.assert(
    fc.property(aDocument(), someOperators, (source, body) => {
      let operators: Operators;
      try {
        operators = readOperators(frozen(body), {});
      } catch {
        return fc.pre(false);
      }
      const store = (inOrder: Operators) => {
        const { changes, unset } = applyOperators(frozen(source), inOrder, NOW);
        return unset.length > 0
          ? wholeDocument(source, changes, unset)
          : mergeChanges(source, changes);
      };

      const steps = operators.map(({ path, ...rest }) => ({
        ...rest,
        names: path,
      }));
      const expected = applyPlainly(source, { changes: {}, steps }, NOW);
      if (expected === undefined) {
        assert.throws(
          () => store(operators),
          ({ id }: { readonly id: string }) =>
            /\.(operator_\w+|unset_refused)$/.test(id),
        );
        outcomes.refused++;
        return;
      }
      const asJson = (value: unknown) =>
        JSON.parse(JSON.stringify(value)) as unknown;
      assert.deepEqual(asJson(store(operators)), asJson(expected));
      assert.deepEqual(
        asJson(store([...operators].reverse())),
        asJson(expected),
      );
      outcomes.stored++;
    }),
    { numRuns: 1_500 },
  );

  assert.ok(outcomes.refused > 100 && outcomes.stored > 100);
});
