import assert from "node:assert/strict";
import { it } from "node:test";
import { isDeepStrictEqual } from "node:util";

import fc from "fast-check";
import type { JSONObject } from "kuzzle";

import { equalityKey } from "../../../lib/change/values";
import { aDeepArray, aDeepDocument, aDocument } from "../../support/aDocument";

it("is the same for equal values, and for no others", () => {
  fc.assert(
    fc.property(aDocument(["a", "b"]), aDocument(["a", "b"]), (one, other) => {
      assert.equal(
        equalityKey(one) === equalityKey(other),
        isDeepStrictEqual(one, other),
      );
    }),
    { numRuns: 5_000 },
  );
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      const written = [one, other].map((value) => JSON.stringify(value));
      assert.equal(
        equalityKey(one) === equalityKey(other),
        isDeepStrictEqual(...(written.map(parse) as [unknown, unknown])),
      );
    }),
  );
});

const parse = (text: string) => JSON.parse(text) as unknown;

it("distinguishes values that look alike", () => {
  const values: unknown[] = [
    ...[[], {}, null, "", "null", 0, "0", false, [[]], [[], []], [{}]],
    ...[{ a: {} }, { a: [] }, { a: { b: 1 } }, { a: {}, b: 1 }, [1, [2]]],
    ...[
      [[1], []],
      [[], [1]],
      [[1], 2],
      ["1,2"],
      ["1", "2"],
      [1, 2],
      { "a,b": 1 },
      undefined,
    ],
    parse('{"__proto__":{}}'),
    parse('{"__proto__":[]}'),
  ];

  assert.equal(new Set(values.map(equalityKey)).size, values.length);
});

it("treats -0 as 0", () => {
  assert.equal(equalityKey({ a: [-0] }), equalityKey({ a: [0] }));
});

it("takes values of any depth", () => {
  for (const aDeepOne of [aDeepArray, aDeepDocument] as ((
    value: unknown,
  ) => JSONObject)[]) {
    assert.equal(equalityKey(aDeepOne(1)), equalityKey(aDeepOne(1)));
    assert.notEqual(equalityKey(aDeepOne(1)), equalityKey(aDeepOne(2)));
  }
});
