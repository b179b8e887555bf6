import assert from "node:assert/strict";
import { it } from "node:test";

import { changedPaths, pathKey } from "../../../demo/page/json/changedPaths";
import { removedPaths } from "../../../demo/page/json/removedPaths";

const changed = (before: unknown, after: unknown) =>
  [...changedPaths(before, after)].sort();

it("the page marks the fields that have changed, at any depth, and no others", () => {
  const before = { driver: "Liia", position: { lat: 1, lon: 2 }, seats: 4 };

  assert.deepEqual(changed(before, structuredClone(before)), []);
  assert.deepEqual(
    changed(before, { ...before, position: { lat: 1, lon: 3 }, tags: [] }),
    [pathKey(["position", "lon"]), pathKey(["tags"])],
  );
});

it("the page marks an array, and what becomes an object, as a whole", () => {
  assert.deepEqual(changed({ a: [1, 2], b: 1 }, { a: [1, 3], b: { c: 1 } }), [
    pathKey(["a"]),
    pathKey(["b"]),
  ]);
});

it("the page takes a field named as one of every object for a field", () => {
  assert.deepEqual(changed({}, { constructor: 1, toString: 2 }), [
    pathKey(["constructor"]),
    pathKey(["toString"]),
  ]);
});

it("the page tells the fields that are gone, at any depth", () => {
  const before = { a: 1, b: { c: [1, 2], d: 2 }, e: 3 };

  assert.deepEqual(removedPaths(before, before), []);
  assert.deepEqual(removedPaths(before, { b: { c: [1] }, f: 4 }), [
    "a",
    "b.d",
    "e",
  ]);
});
