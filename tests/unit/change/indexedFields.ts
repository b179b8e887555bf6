import assert from "node:assert/strict";
import { it } from "node:test";

import type { JSONObject } from "kuzzle";

import {
  addField,
  type IndexedField,
  indexedFields,
  namesOf,
} from "../../../lib/change/indexedFields";

const at = (root: IndexedField, ...names: string[]) =>
  names.reduce<IndexedField | undefined>(
    (field, name) => field?.fields.get(name),
    root,
  );

it("treats a dot in a name as a separator", () => {
  const root = indexedFields({
    "a.b": { c: 1 },
    a: { "b.c": 2, b: { c: 3 } },
  });

  assert.deepEqual(at(root, "a", "b", "c")?.values, [1, 2, 3]);
  assert.deepEqual([...root.fields.keys()], ["a"]);
});

it("keeps objects, lists and null as values, and goes into objects alone", () => {
  const root = indexedFields({ a: { b: [{ c: 1 }], d: null } });

  assert.deepEqual(root.values, []);
  assert.deepEqual(at(root, "a")?.values, [{ b: [{ c: 1 }], d: null }]);
  assert.deepEqual(at(root, "a", "b")?.values, [[{ c: 1 }]]);
  assert.deepEqual(at(root, "a", "d")?.values, [null]);
  assert.equal(at(root, "a", "b", "c"), undefined);
});

it("ignores a dot at the end, as Elasticsearch does", () => {
  for (const [key, names] of [
    ["a", ["a"]],
    ["a.", ["a"]],
    ["a.b..", ["a", "b"]],
    [".a", ["", "a"]],
    ["a..b", ["a", "", "b"]],
    ["", [""]],
    ["..", [""]],
  ] as const) {
    assert.deepEqual(namesOf(key), names, key);
  }
});

it("treats names that every object has like any other", () => {
  const root = indexedFields(
    JSON.parse('{"__proto__":{"toString":1},"constructor":2}') as JSONObject,
  );

  assert.deepEqual(at(root, "__proto__", "toString")?.values, [1]);
  assert.deepEqual(at(root, "constructor")?.values, [2]);
  assert.equal(at(root, "toString"), undefined);
});

it("handles documents of any depth", () => {
  let deep: JSONObject = {};
  for (let depth = 0; depth < 100_000; depth++) {
    deep = { deep };
  }

  assert.equal(indexedFields(deep).fields.size, 1);
  assert.equal(indexedFields({ ["a.".repeat(100_000)]: 1 }).fields.size, 1);
});

it("adds to a field that is there", () => {
  const root = indexedFields({ a: { b: 1 } });
  addField(root, ["a", "b"], null);

  assert.deepEqual(at(root, "a", "b")?.values, [1, null]);
});
