import assert from "node:assert/strict";
import { it } from "node:test";

import type { Specifications } from "../../../lib/kuzzle/Specifications";
import type { CollectionMappings } from "../../../lib/write/CollectionMappings";
import { foldRules } from "../../../lib/write/foldRules";
import type { Mapping } from "../../../lib/write/storableValues";
import { anUpdate } from "../../support/aWrite";

function someRules({
  areSpecified = false,
  isHeard = false,
  isServerCodeKnown = true,
  mapping = undefined as Mapping | undefined,
} = {}) {
  return foldRules(
    ["iot/*"],
    { have: () => areSpecified } as unknown as Specifications,
    () => isHeard,
    { of: () => mapping } as unknown as CollectionMappings,
    () => isServerCodeKnown,
  );
}
const inIot = anUpdate({ index: "iot" });

it("queues updates in the configured collections, and in no other", () => {
  assert.ok(someRules().isQueued(inIot));
  assert.ok(!someRules().isQueued(anUpdate()));
});

it("queues none if specifications or metadata listeners need each update, or with refresh wait_for", () => {
  const refresh = "wait_for";

  assert.ok(!someRules({ areSpecified: true }).isQueued(inIot));
  assert.ok(!someRules({ isHeard: true }).isQueued(inIot));
  assert.ok(
    !someRules().isQueued(anUpdate({ index: "iot", options: { refresh } })),
  );
});

it("queues none of server code, since a pipe could wait for the write that waits for it", () => {
  const isOfServerCode = true;

  assert.ok(!someRules().isQueued({ ...inIot, isOfServerCode }));
  assert.ok(!someRules({ isServerCodeKnown: false }).isQueued(inIot));
});

it("folds none whose options storage might refuse", () => {
  const isFoldable = (options: object) =>
    someRules().isFoldable(anUpdate({ options }));

  for (const options of [{}, { refresh: "false" }, { retryOnConflict: 3 }]) {
    assert.ok(isFoldable(options), JSON.stringify(options));
  }
  for (const options of [
    { refresh: "true" },
    { refresh: "" },
    { retryOnConflict: "3" },
    { retryOnConflict: -1 },
    { retryOnConflict: 0.5 },
    { retryOnConflict: null },
  ]) {
    assert.ok(!isFoldable(options), JSON.stringify(options));
  }
});

it("is sure of a value only if the mapping is known and accepts it", () => {
  const mapping = { properties: { n: { type: "integer" } } };
  const isSure = (value: unknown, found?: Mapping) =>
    someRules({ mapping: found }).isSurelyValid(inIot)(["n"], value);

  assert.ok(isSure(5, mapping));
  assert.ok(!isSure("text", mapping));
  assert.ok(!isSure(5));
});
