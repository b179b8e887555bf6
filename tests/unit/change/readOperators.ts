import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";
import type { KuzzleError } from "kuzzle";

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

const NUMBERS = ["increment", "multiply", "min", "max"];
const LISTS = ["append", "prepend", "union", "remove"];

it("refuses what is no operator, or has an operand that it does not take", () => {
  const known = `one of ${[...NUMBERS, ...LISTS].join(", ")}, set, now, unset`;
  const cases: (readonly [body: unknown, ...props: readonly string[]])[] = [
    [null, "*", "an object", "null"],
    [[], "*", "an object", "an array"],
    ["increment", "*", "an object", "a string"],
    // Also one of JavaScript's own names.
    ...["rename", "toString", "constructor", "__proto__"].map(
      (operator) =>
        [
          JSON.parse(`{"${operator}":{"a":1}}`),
          ...[operator, known, "an object"],
        ] as const,
    ),
    ...[...NUMBERS, ...LISTS].map((operator) => {
      const expected = "an object of operands by path";
      return [{ [operator]: ["a"] }, operator, expected, "an array"] as const;
    }),
    [{ increment: { "a.b": NaN } }, "increment", 'a number for "a.b"', "NaN"],
    ...["now", "unset"].flatMap((operator) =>
      (
        [
          ["a", "a string"],
          [{ a: 1 }, "an object"],
          [["a", 1], "a number in it"],
          [[["a"]], "an array in it"],
        ] as const
      ).map(
        ([value, found]) =>
          [
            { [operator]: value },
            ...[operator, "an array of paths", found],
          ] as const,
      ),
    ),
  ];
  for (const [body, ...props] of cases) {
    assert.throws(
      () => readOperators(body, {}),
      refusal("invalid_operators", ...props),
    );
  }

  for (const [operators, expected, operands] of [
    [NUMBERS, "a number", ["1", null, NaN, Infinity, [1], { a: 1 }]],
    [LISTS, "an array", ["a", 1, null, { a: 1 }]],
  ] as const) {
    for (const operator of operators) {
      for (const operand of operands) {
        assert.throws(
          () => readOperators({ [operator]: { "a.b": operand } }, {}),
          ({ props: [name, what] }: { readonly props: string[] }) =>
            name === operator && what === `${expected} for "a.b"`,
        );
      }
    }
  }
});

it("refuses numbers that are not finite, which JSON may have, at any depth", () => {
  for (const [operator, operand] of [
    ["set", "1e999"],
    ["set", '{"b":[-1e999]}'],
    ["remove", "[1e999]"],
    ["union", '[{"c":1e999}]'],
    ["append", "[1e999]"],
  ]) {
    assert.throws(
      () =>
        readOperators(
          JSON.parse(`{"${operator}":{"a":${operand}}}`),
          undefined,
        ),
      ({ id }: KuzzleError) =>
        id === "plugin.document-update.invalid_operators",
      `${operator} ${operand}`,
    );
  }
});

it("names the operator that is nearest to one that it does not know", () => {
  for (const [operator, nearest] of [
    ["incremnt", "increment"],
    ["Append", "append"],
    ["unsets", "unset"],
    ["$now", "now"],
  ] as const) {
    assert.throws(
      () => readOperators({ [operator]: { a: 1 } }, {}),
      ({ message, props }: KuzzleError) => {
        assert.ok(message.startsWith(`Invalid operator "${operator}": `));
        assert.ok(message.endsWith(`. ${props.at(-1)}`));
        return props.at(-1) === `Did you mean "${nearest}"?`;
      },
    );
  }
});

it("refuses a malformed path of any operator, and one into Kuzzle's own fields", () => {
  for (const [body, path, reason] of [
    [{ max: { "a..b": 1 } }, "a..b", "it has an empty name"],
    [{ now: ["a..b"] }, "a..b", "it has an empty name"],
    ...["_kuzzle_info", "_kuzzle_info.updater"].map(
      (own) =>
        [{ unset: [own] }, own, '"_kuzzle_info" is Kuzzle\'s own'] as const,
    ),
  ] as const) {
    assert.throws(
      () => readOperators(body, {}),
      refusal("operator_path", path, reason),
    );
  }
  assert.equal(readOperators({ unset: ["a._kuzzle_info"] }, {}).length, 1);
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
