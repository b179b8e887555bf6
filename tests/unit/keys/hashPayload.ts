import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";

import { hashPayload } from "../../../lib/request/requestKeys";

/** A reference: JSON with sorted properties. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? { object: Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)) }
      : each,
  );
}

/** A copy with the properties of each object in reverse order. */
function reordered(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).reverse())
      : each,
  );
}

const small = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(null, true, 0, 1, 2, 12, "", "1", "a", "keys", "[", ","),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom("a", "b", "0", "__proto__", "keys"),
      tie("value"),
      { maxKeys: 3 },
    ),
  ),
})).value;

it("gives different payloads different hashes, and equal ones the same, in any order of properties", () => {
  fc.assert(
    fc.property(small, small, (one, other) => {
      assert.equal(
        hashPayload(one) === hashPayload(other),
        canonical(one) === canonical(other),
      );
      assert.equal(hashPayload(one), hashPayload(reordered(one)));
    }),
    { numRuns: 3_000 },
  );
});

it("distinguishes lists of numbers with the same digits, and keys that look like values", () => {
  const payloads = [
    [[1, 2], 3],
    [[1], 2, 3],
    [1, 2, 3],
    [12, 3],
    [1, 23],
    { a: { b: 1 } },
    { a: "b", b: 1 },
    [{ a: 1 }, { b: 1 }],
    [{ a: 1, b: 1 }],
    { a: null },
    {},
    [],
    [[]],
    [[1]],
    [1, []],
    [[], 1],
    [{}],
    "{}",
    null,
    "null",
  ];

  assert.equal(new Set(payloads.map(hashPayload)).size, payloads.length);
});

it("hashes objects with 100,000 levels, and with 100,000 properties", () => {
  const deep = JSON.parse(
    `${'{"a":['.repeat(100_000)}1${"]}".repeat(100_000)}`,
  ) as unknown;
  const wide = Object.fromEntries(
    Array.from({ length: 100_000 }, (_, n) => [`n${n}`, n]),
  );

  assert.notEqual(hashPayload(deep), hashPayload(wide));
  assert.notEqual(hashPayload(wide), hashPayload({ ...wide, n5: 6 }));
});
