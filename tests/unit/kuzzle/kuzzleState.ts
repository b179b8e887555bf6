import assert from "node:assert/strict";
import { beforeEach, it } from "node:test";

import {
  areSpecificationsKnown,
  hearing,
  isFieldNeeded,
  isSpecified,
} from "../../../lib/kuzzle/kuzzleState";
import { FakeKuzzle } from "../../support/fakeKuzzle";

let fake: FakeKuzzle;
beforeEach(() => {
  fake = new FakeKuzzle();
  fake.hooks.clear();
});

it("hears a pipe or a hook, by its name or a wildcard, from when it is there", () => {
  const isHeard = hearing([
    "document:afterUpdate",
    "generic:document:injectMetadata",
  ]);
  for (const other of ["document:before*", "document:afterCreate", "*"]) {
    fake.hooks.add(other);
  }
  assert.ok(!isHeard());

  for (const event of [
    "document:afterUpdate",
    "document:after*",
    "document:*",
    "generic:document:*",
    "generic:document:injectMetadata",
  ]) {
    fake.pluginPipes.set(event, [() => {}]);
    assert.ok(isHeard(), event);
    // Kuzzle leaves an empty list when a pipe is removed.
    fake.pluginPipes.set(event, []);
    assert.ok(!isHeard(), event);
    fake.hooks.add(event);
    assert.ok(isHeard(), event);
    fake.hooks.delete(event);
  }
});

it("ignores the plugin's own pipe, but no other on the same event", () => {
  const isHeard = hearing(["document:beforeUpdate"], ["document:beforeUpdate"]);
  const own = () => {};

  fake.pluginPipes.set("document:beforeUpdate", [own]);
  assert.ok(!isHeard());
  fake.pluginPipes.set("document:beforeUpdate", [own, () => {}]);
  assert.ok(isHeard());
  fake.pluginPipes.set("document:beforeUpdate", [own]);
  fake.pluginPipes.set("document:before*", [() => {}]);
  assert.ok(isHeard());
});

const having = (found: unknown) => {
  fake.kuzzle.validation["specification"] = found;
};

it("knows the collections that have specifications, as they are now", () => {
  assert.ok(!isSpecified("iot", "taxis"));
  having({ iot: { taxis: { strict: true } } });

  assert.ok(areSpecificationsKnown());
  assert.ok(isSpecified("iot", "taxis"));
  assert.ok(!isSpecified("iot", "other"));
  assert.ok(!isSpecified("other", "taxis"));
  assert.ok(!isSpecified("constructor", "name"));
});

it("knows the fields that are needed", () => {
  const leaf = { children: {}, mandatory: false };
  const must = { mandatory: true };
  const children = {
    default: { ...leaf, defaultValue: 0 },
    free: leaf,
    mandatory: { ...leaf, ...must },
    object: { children: { free: leaf, must }, mandatory: false },
  };
  having({ iot: { taxis: { fields: { children } }, wild: {} } });

  for (const [isNeeded, ...paths] of [
    [true, "default", "mandatory", "object", "object.must"],
    [false, "free", "free.deep", "object.free", "none", "toString"],
    [false, "none.deep"],
  ] as const) {
    for (const path of paths) {
      const names = path.split(".");
      assert.equal(isFieldNeeded("iot", "taxis", names), isNeeded, path);
    }
  }
  assert.ok(!isFieldNeeded("iot", "wild", ["a"]));
  assert.ok(!isFieldNeeded("iot", "other", ["default"]));
});

it("knows specifications by their form alone", () => {
  for (const found of [
    undefined,
    null,
    new Map(),
    [],
    { iot: new Map() },
    { iot: null },
  ]) {
    having(found);
    assert.ok(!areSpecificationsKnown());
  }
});
