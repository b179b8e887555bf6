import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";
import type { JSONObject } from "kuzzle";

import { formatPath, parsePath, type Path } from "../../../lib/change/paths";
import { readOperators } from "../../../lib/change/operators";
import { aDeepDocument, aDocument, frozen } from "../../support/aDocument";
import { refusal } from "../../support/refusal";

const paths = (count: number) =>
  Array.from({ length: count }, (_, number) => `field${number}`);

it("reads the operators of a request, path by path", () => {
  const body = frozen({
    increment: { stock: -1, "size.total": 3 },
    now: ["seenAt"],
    union: { tags: ["a"] },
    unset: ["draft", "a\\.b"],
  });

  assert.deepEqual(readOperators(body, { name: "Liia", size: { unit: "m" } }), [
    { operand: -1, operator: "increment", path: ["stock"] },
    { operand: 3, operator: "increment", path: ["size", "total"] },
    { operator: "now", path: ["seenAt"] },
    { operand: ["a"], operator: "union", path: ["tags"] },
    { operator: "unset", path: ["draft"] },
    { operator: "unset", path: ["a.b"] },
  ]);
});

it("reads no operators where there are none", () => {
  for (const body of [undefined, {}, { increment: {}, unset: [] }]) {
    assert.deepEqual(readOperators(body, undefined), []);
  }
});

it("refuses operators that are no object", () => {
  for (const [body, found] of [
    [null, "null"],
    [[], "an array"],
    ["increment", "a string"],
  ] as const) {
    assert.throws(
      () => readOperators(body, {}),
      refusal("invalid_operators", "*", "an object", found),
    );
  }
});

it("refuses an operator that it does not know, also one of JavaScript's own names", () => {
  const expected =
    "one of increment, multiply, min, max, append, prepend, union, remove, set, now, unset";

  for (const operator of ["rename", "toString", "constructor", "__proto__"]) {
    const body = JSON.parse(`{"${operator}":{"a":1}}`) as JSONObject;
    assert.throws(
      () => readOperators(body, {}),
      refusal("invalid_operators", operator, expected, "an object"),
    );
  }
});

it("refuses an operand that the operator does not take", () => {
  const wrong = {
    "a number": ["1", null, NaN, Infinity, [1], { a: 1 }],
    "an array": ["a", 1, null, { a: 1 }],
  };
  const operators = {
    "a number": ["increment", "multiply", "min", "max"],
    "an array": ["append", "prepend", "union", "remove"],
  };

  for (const kind of ["a number", "an array"] as const) {
    for (const operator of operators[kind]) {
      for (const operand of wrong[kind]) {
        assert.throws(
          () => readOperators({ [operator]: { "a.b": operand } }, {}),
          (error: { id: string; props: string[] }) =>
            error.id === "plugin.document-update.invalid_operators" &&
            error.props[0] === operator &&
            error.props[1] === `${kind} for "a.b"`,
        );
      }
      assert.throws(
        () => readOperators({ [operator]: ["a"] }, {}),
        refusal(
          "invalid_operators",
          operator,
          "an object of operands by path",
          "an array",
        ),
      );
    }
  }
  assert.throws(
    () => readOperators({ increment: { "a.b": NaN } }, {}),
    refusal("invalid_operators", "increment", 'a number for "a.b"', "NaN"),
  );
});

it("refuses anything but a list of paths", () => {
  for (const operator of ["now", "unset"]) {
    for (const [value, found] of [
      ["a", "a string"],
      [{ a: 1 }, "an object"],
      [["a", 1], "a number in it"],
      [[["a"]], "an array in it"],
    ] as const) {
      assert.throws(
        () => readOperators({ [operator]: value }, {}),
        refusal("invalid_operators", operator, "an array of paths", found),
      );
    }
  }
});

it("refuses a malformed path of any operator", () => {
  for (const body of [{ max: { "a..b": 1 } }, { now: ["a..b"] }]) {
    assert.throws(
      () => readOperators(body, {}),
      refusal("operator_path", "a..b", "it has an empty name"),
    );
  }
});

it("refuses more than a thousand paths in all", () => {
  const unset = paths(600);
  const now = (count: number) => paths(count).map((path) => `a.${path}`);

  assert.equal(readOperators({ now: now(400), unset }, {}).length, 1_000);
  assert.throws(
    () => readOperators({ now: now(401), unset }, {}),
    refusal("invalid_operators", "*", "at most 1000 paths in all", "1001"),
  );
});

it("refuses the same path in two places, or one inside the other", () => {
  for (const [one, other] of [
    ["a", "a"],
    ["a", "a.b"],
    ["a.b", "a.b.c.d"],
  ] as const) {
    const expected = refusal(
      "operator_path",
      other,
      `there is an operator on "${one}", too`,
    );
    for (const body of [
      { increment: { [one]: 1 }, unset: [other] },
      { increment: { [other]: 1 }, unset: [one] },
      { now: [one, other] },
    ]) {
      assert.throws(() => readOperators(body, {}), expected);
    }
  }
  assert.equal(readOperators({ unset: ["a.b", "a\\.b", "ab"] }, {}).length, 3);
});

it("refuses a path that is among the changes, too", () => {
  for (const [changes, path, other] of [
    [{ a: 1 }, "a", "a"],
    [{ a: null }, "a.b", "a"],
    [{ a: [1] }, "a", "a"],
    [{ a: {} }, "a", "a"],
    [{ a: { b: {} } }, "a.b.c", "a.b"],
    [{ a: { b: { c: 1 } } }, "a", "a.b"],
  ] as const) {
    assert.throws(
      () => readOperators({ unset: [path] }, changes),
      refusal("operator_path", path, `"changes" has "${other}"`),
    );
  }
});

it("takes a path beside those of the changes", () => {
  const unset = ["a.c", "b", "c\\.d", "toString"];

  for (const changes of [{ a: { b: 1 }, c: { d: 1 } }, {}, null, [1], "a"]) {
    assert.equal(readOperators({ unset }, changes).length, 4);
  }
});

it("refuses a path into Kuzzle's own fields", () => {
  for (const path of ["_kuzzle_info", "_kuzzle_info.updater"]) {
    assert.throws(
      () => readOperators({ unset: [path] }, {}),
      refusal("operator_path", path, '"_kuzzle_info" is Kuzzle\'s own'),
    );
  }
  assert.equal(readOperators({ unset: ["a._kuzzle_info"] }, {}).length, 1);
});

/** Whether a value is a leaf: anything but a non-empty object. */
function leavesOf(value: unknown, path: Path): Path[] {
  const isObject =
    typeof value === "object" && value !== null && !Array.isArray(value);
  const entries = isObject ? Object.entries(value) : [];
  if (entries.length === 0) {
    return path.length > 0 ? [path] : [];
  }

  return entries.flatMap(([name, each]) => leavesOf(each, [...path, name]));
}

it("refuses just the paths that overlap with a leaf of the changes", () => {
  const aPath = fc.array(fc.constantFrom("a", "b", "c.d"), {
    maxLength: 4,
    minLength: 1,
  });
  const isAtOrIn = (one: Path, other: Path) =>
    one.every((name, depth) => name === other[depth]);

  fc.assert(
    fc.property(aDocument(["a", "b", "c.d"]), aPath, (changes, path) => {
      const read = () => readOperators({ now: [formatPath(path)] }, changes);

      if (
        leavesOf(changes, []).some(
          (leaf) => isAtOrIn(leaf, path) || isAtOrIn(path, leaf),
        )
      ) {
        assert.throws(read, { id: "plugin.document-update.operator_path" });
      } else {
        assert.deepEqual(read(), [{ operator: "now", path }]);
      }
    }),
    { numRuns: 2_000 },
  );
});

it("answers any input with operators or an error of the catalogue", () => {
  const aValue = fc.oneof(
    fc.anything(),
    fc.dictionary(fc.string(), fc.oneof(fc.double(), fc.array(fc.anything()))),
    fc.array(fc.string()),
  );
  const aName = fc.constantFrom("increment", "union", "now", "unset", "other");

  fc.assert(
    fc.property(
      fc.oneof(aValue, fc.dictionary(aName, aValue)),
      fc.anything(),
      (body, changes) => {
        try {
          readOperators(body, changes);
        } catch (error) {
          assert.match(
            String((error as { id?: string }).id),
            /^plugin\.document-update\.(operator_path|invalid_operators)$/,
          );
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

it("reads a thousand paths beside 100,000 changes of an object, and changes of any depth", () => {
  const changes = Object.fromEntries(
    Array.from({ length: 100_000 }, (_, number) => [`change${number}`, 1]),
  );
  const unset = paths(1_000).map((path) => `a.${path}`);
  const deep = Array.from({ length: 200 }, () => "a");
  const start = performance.now();

  assert.equal(readOperators({ unset }, { a: changes }).length, 1_000);
  assert.ok(performance.now() - start < 2_000);
  assert.throws(
    () => readOperators({ unset: [formatPath(deep)] }, aDeepDocument(1)),
    refusal(
      "operator_path",
      formatPath(deep),
      `"changes" has "${formatPath([...deep, "a"])}"`,
    ),
  );
  assert.deepEqual(parsePath(formatPath(deep)), deep);
});
