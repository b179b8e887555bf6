import assert from "node:assert/strict";
import { it } from "node:test";

import {
  collectionMatcher,
  documentKey,
  isCollectionPattern,
  type Target,
} from "../../../lib/kuzzle/collections";

it("takes <index>/<collection> for a pattern, and nothing else", () => {
  for (const pattern of ["iot/*", "*/*", "a/b", "a*b/c*"]) {
    assert.ok(isCollectionPattern(pattern), pattern);
  }
  for (const other of ["", "*", "iot", "iot/", "/a", "a/b/c", 1, null, {}]) {
    assert.ok(!isCollectionPattern(other), JSON.stringify(other));
  }
});

it("matches a collection that one of the patterns names", () => {
  const matches = collectionMatcher(["iot/*", "*/taxi", "a*c/d.e"]);

  assert.ok(matches("iot", "sensors"));
  assert.ok(matches("nyc", "taxi"));
  assert.ok(matches("abbc", "d.e"));
  assert.ok(matches("ac", "d.e"));
});

it("matches no collection that none of them names", () => {
  const matches = collectionMatcher(["iot/*", "*/taxi", "a*c/d.e"]);

  assert.ok(!matches("iots", "sensors"));
  assert.ok(!matches("nyc", "taxis"));
  assert.ok(!matches("abc", "dxe"));
  assert.ok(!collectionMatcher([])("iot", "sensors"));
});

it("has a key for each document, which no other names share, of whatever type they are", () => {
  const named = [
    ["iot", "s", "d"],
    ["iot", ["s"], "d"],
    ["iot.s", "1", "d"],
    ["iot", "s.1", "d"],
    ["iot", "s/x", "d"],
    ["iot", "s", "x/d"],
    ["iot", 1, "d"],
    ["iot", "1", "d"],
  ].map(([index, collection, _id]) =>
    documentKey({ _id, collection, index } as Target),
  );

  assert.equal(new Set(named).size, named.length);
});
