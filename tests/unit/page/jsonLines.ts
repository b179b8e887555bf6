import assert from "node:assert/strict";
import { it } from "node:test";

import { jsonLines } from "../../../demo/page/json/jsonLines";

const signs = { changed: "+", removed: "-", same: " " } as const;

/** What the page shows, a sign before each line that has changed or is gone. */
const shown = (...compared: Parameters<typeof jsonLines>) =>
  jsonLines(...compared).map(
    ({ depth, end, key, state, text }) =>
      `${signs[state]} ${"  ".repeat(depth)}${key === undefined ? "" : `"${key}": `}${text}${end}`,
  );
const told = (...compared: Parameters<typeof jsonLines>) =>
  shown(...compared).filter((line) => !line.startsWith(" "));

it("the page shows JSON as JSON.stringify writes it", () => {
  for (const value of [
    { driver: "Liia", none: {}, position: { lat: 1 }, tags: ["a", [], null] },
    [],
    "é",
    null,
  ]) {
    const lines = shown(value).map((line) => line.slice(2));
    assert.equal(lines.join("\n"), JSON.stringify(value, null, 2));
  }
});

it("the page marks the fields that have changed, at any depth, and no others", () => {
  const before = { driver: "Liia", position: { lat: 1, lon: 2 }, seats: 4 };

  assert.deepEqual(told(before, structuredClone(before)), []);
  assert.deepEqual(
    told({ ...before, position: { lat: 1, lon: 3 }, tags: [] }, before),
    ['+     "lon": 3', '+   "tags": []'],
  );
});

it("the page marks an array, and what becomes an object, as a whole", () => {
  assert.deepEqual(told({ a: [1, 3], b: { c: 1 } }, { a: [1, 2], b: 1 }), [
    '+   "a": [',
    "+     1,",
    "+     3",
    "+   ],",
    '+   "b": {',
    '+     "c": 1',
    "+   }",
  ]);
});

it("the page takes a field named as one of every object for a field", () => {
  assert.deepEqual(told({ constructor: 1, toString: 2 }, {}), [
    '+   "constructor": 1,',
    '+   "toString": 2',
  ]);
});

it("the page shows fields that are gone as removed, at any depth, unless it has but a part of the document", () => {
  const before = { a: 1, b: { c: [1, 2], d: { e: 2 } }, f: 3 };

  assert.deepEqual(shown({ b: { c: [1, 2] }, f: 3 }, before), [
    "  {",
    '-   "a": 1',
    '    "b": {',
    '-     "d": {',
    '-       "e": 2',
    "-     }",
    '      "c": [',
    "        1,",
    "        2",
    "      ]",
    "    },",
    '    "f": 3',
    "  }",
  ]);
  assert.deepEqual(told({}, before, false), []);
});
