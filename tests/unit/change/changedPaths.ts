import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";
import type { JSONObject } from "kuzzle";

import { changedPaths } from "../../../lib/change/merge";
import { parsePath, valueAt } from "../../../lib/change/paths";
import { removeUnset } from "../../../lib/change/merge";
import {
  aDeepArray,
  aDeepDocument,
  aDocument,
  frozen,
} from "../../support/aDocument";

it("tells of what changed, was added or removed", () => {
  const before = { a: 1, b: { c: 1, d: 2 }, e: [1, { f: 1 }], g: 1 };
  const after = { a: 2, b: { c: 1 }, e: [1, { f: 2 }], h: null };

  assert.deepEqual(changedPaths(before, after), ["a", "e", "h", "g", "b.d"]);
});

it("lists the fields of an added object, or the object itself if it is empty", () => {
  const after = { a: { b: { c: 1 }, d: {} } };

  for (const before of [{}, { a: null }, { a: 1 }, { a: [1] }]) {
    assert.deepEqual(changedPaths(before, after), ["a.d", "a.b.c"]);
    assert.deepEqual(changedPaths(before, { a: {} }), ["a"]);
  }
});

it("lists a removed or replaced object itself", () => {
  const before = { a: { b: { c: 1 }, d: 1 }, e: {} };

  assert.deepEqual(changedPaths(before, { e: {} }), ["a"]);
  assert.deepEqual(changedPaths(before, { a: 1, e: null }), ["a", "e"]);
  assert.deepEqual(changedPaths(before, { a: {}, e: {} }), ["a.b", "a.d"]);
});

it("writes a dot in a name so that it can be read", () => {
  assert.deepEqual(changedPaths({}, { "a.b": { "\\": 1 } }), ["a\\.b.\\\\"]);
});

it("does not take prototype properties for fields", () => {
  const hostile = JSON.parse(
    '{"__proto__":{"a":1},"constructor":1}',
  ) as JSONObject;

  assert.deepEqual(changedPaths(hostile, {}), ["__proto__", "constructor"]);
  assert.deepEqual(changedPaths({}, hostile), ["constructor", "__proto__.a"]);
  assert.deepEqual(changedPaths(hostile, structuredClone(hostile)), []);
});

/** Returns the values of `after` at these paths. */
function taken(
  before: JSONObject,
  after: JSONObject,
  paths: readonly string[],
): JSONObject {
  const document = structuredClone(before);
  for (const path of paths.map(parsePath)) {
    const place = valueAt(after, path);
    let parent = document;
    for (const name of path.slice(0, -1)) {
      if (!isObject(parent[name])) {
        parent[name] = {};
      }
      parent = parent[name] as JSONObject;
    }
    if (place.kind === "found") {
      parent[path.at(-1)!] = place.value;
    } else {
      delete parent[path.at(-1)!];
    }
  }

  return document;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

it("lists exactly the differences between two documents", () => {
  const one = aDocument(["a", "b", "c.d", "e\\"]);
  fc.assert(
    fc.property(one, one, (before, after) => {
      const changed = changedPaths(frozen(before), frozen(after));

      assert.deepEqual(taken(before, after, changed), after);
      for (const path of changed) {
        const others = changed.filter((other) => other !== path);
        assert.equal(others.length, changed.length - 1);
        assert.notDeepEqual(taken(before, after, others), after);
      }
    }),
    { numRuns: 2_000 },
  );
});

it("compares documents of any depth", () => {
  const [path = ""] = changedPaths(aDeepDocument(1), aDeepDocument(2));

  assert.equal(path, Array.from({ length: 100_000 }, () => "a").join("."));
  assert.deepEqual(changedPaths({ a: aDeepArray(1) }, { a: aDeepArray(2) }), [
    "a",
  ]);
  assert.deepEqual(changedPaths(aDeepDocument(1), aDeepDocument(1)), []);
});

it("lists only the outermost fields if the paths become too long", () => {
  const fields = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, number) => [String(number), number]),
  );
  const name = "x.".repeat(1_000);
  const escaped = "x\\.".repeat(1_000);

  assert.deepEqual(
    changedPaths({ a: 1, b: 1, c: { d: 1 } }, { [name]: fields, a: 2, b: 1 }),
    [escaped, "a", "c"],
  );
  let deep: JSONObject = {};
  for (let depth = 0; depth < 100_000; depth++) {
    deep = { a: deep, b: 1 };
  }
  assert.deepEqual(changedPaths({}, deep), ["a", "b"]);
});

it("tells what a field that is removed was called", () => {
  const before = { a: { b: { c: 1 } }, d: 1 };

  assert.deepEqual(
    changedPaths(before, removeUnset(before, [["a", "b"], ["d"]])),
    ["d", "a.b"],
  );
});
