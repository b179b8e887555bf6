import assert from "node:assert/strict";
import { it } from "node:test";
import { isDeepStrictEqual } from "node:util";

import fc from "fast-check";
import type { JSONObject } from "kuzzle";

import {
  equalityKey,
  findInexact,
  findUnreadable,
  kindOf,
} from "../../../lib/change/values";
import { aDeepArray, aDeepDocument, aDocument } from "../../support/aDocument";

const parse = (text: string) => JSON.parse(text) as unknown;

it("has one key for equal values, whatever the order of their names, and for no others", () => {
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
  assert.equal(equalityKey({ a: 1, b: 2 }), equalityKey({ b: 2, a: 1 }));
  assert.equal(equalityKey({ a: [-0] }), equalityKey({ a: [0] }));
});

it("distinguishes values that look alike", () => {
  const values: unknown[] = [
    ...[[], {}, null, "", "null", 0, "0", false, [[]], [[], []], [{}]],
    ...[{ a: {} }, { a: [] }, { a: { b: 1 } }, { a: {}, b: 1 }, [1, [2]]],
    ...[[[1], []], [[], [1]], [[1], 2], ["1,2"], ["1", "2"], [1, 2]],
    ...[{ "a,b": 1 }, undefined, parse('{"__proto__":{}}')],
    parse('{"__proto__":[]}'),
  ];

  assert.equal(new Set(values.map(equalityKey)).size, values.length);
});

it("takes values of any depth", () => {
  for (const aDeepOne of [aDeepArray, aDeepDocument] as ((
    value: unknown,
  ) => JSONObject)[]) {
    assert.equal(equalityKey(aDeepOne(1)), equalityKey(aDeepOne(1)));
    assert.notEqual(equalityKey(aDeepOne(1)), equalityKey(aDeepOne(2)));
    assert.equal(findInexact(aDeepOne(2 ** 53)), 2 ** 53);
    assert.equal(findInexact(aDeepOne(1)), undefined);
    const deep = aDeepOne(parse('{"__proto__":1}'));
    assert.equal(findUnreadable(deep), "__proto__");
    assert.equal(findUnreadable(aDeepOne(1)), undefined);
  }
});

it("finds integers that may be rounded, and numbers that are not finite", () => {
  for (const number of [2 ** 53, -(2 ** 53), 1e300, Infinity, -Infinity, NaN]) {
    for (const value of [number, [1, number], { a: [{ b: number }] }]) {
      assert.equal(findInexact(value), number);
    }
  }
  for (const value of [
    ...[2 ** 53 - 1, -(2 ** 53) + 1, 0, -0, 1.5, 5e-324],
    ...[null, "9007199254740993", true, [], {}, undefined],
  ]) {
    assert.equal(findInexact([value]), undefined);
  }
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

it("finds names with which a document could not be read again", () => {
  for (const [json, name] of [
    ['{"__proto__":1}', "__proto__"],
    ['{"a":[{"b":{"__proto__":{}}}]}', "__proto__"],
    ['{"a":{"constructor":{"prototype":null}}}', "constructor"],
    ['{"a":{"constructor":null}}', "constructor"],
    ['{"constructor":{"a":1}}', undefined],
    ['{"constructor":"a builder"}', undefined],
    ['{"prototype":null,"a":["__proto__"]}', undefined],
    ['"__proto__"', undefined],
  ] as const) {
    assert.equal(findUnreadable(parse(json)), name, json);
  }
});
