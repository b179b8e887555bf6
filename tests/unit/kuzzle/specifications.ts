import assert from "node:assert/strict";
import { beforeEach, it } from "node:test";

import { Specifications } from "../../../lib/kuzzle/Specifications";
import { FakeKuzzle } from "../../support/fakeKuzzle";
import { isAsExpected } from "../../support/isAsExpected";

let fake: FakeKuzzle;
beforeEach(() => {
  fake = new FakeKuzzle();
});

/** Specifications that have been checked, of a Kuzzle that has these. */
async function having(found: unknown) {
  fake.kuzzle.validation["specification"] = found;
  const specifications = new Specifications();
  await specifications.verify();

  return specifications;
}

it("knows the collections that have specifications", async () => {
  const specifications = await having({ iot: { taxis: { strict: true } } });

  assert.ok(specifications.isTrusted);
  assert.ok(specifications.have("iot", "taxis"));
  assert.ok(!specifications.have("iot", "other"));
  assert.ok(!specifications.have("other", "taxis"));
  assert.ok(!specifications.have("constructor", "name"));
});

it("uses the current specifications", async () => {
  const specifications = await having({});

  assert.ok(!specifications.have("iot", "taxis"));
  fake.kuzzle.validation["specification"] = { iot: { taxis: {} } };
  assert.ok(specifications.have("iot", "taxis"));
});

it("knows the fields that are needed", async () => {
  const leaf = { children: {}, mandatory: false };
  const specifications = await having({
    iot: {
      taxis: {
        fields: {
          children: {
            default: { ...leaf, defaultValue: 0 },
            free: leaf,
            mandatory: { ...leaf, mandatory: true },
            object: {
              children: { free: leaf, must: { mandatory: true } },
              mandatory: false,
            },
          },
        },
      },
      wild: {},
    },
  });
  const need = (...path: string[]) => specifications.need("iot", "taxis", path);

  for (const path of [
    ["default"],
    ["mandatory"],
    ["object"],
    ["object", "must"],
  ]) {
    assert.ok(need(...path), path.join());
  }
  for (const path of [
    ["free"],
    ["free", "deep"],
    ["object", "free"],
    ["none"],
    ["toString"],
    ["none", "deep"],
  ]) {
    assert.ok(!need(...path), path.join());
  }
  assert.ok(!specifications.need("iot", "wild", ["a"]));
  assert.ok(!specifications.need("iot", "other", ["default"]));
  assert.ok(!new Specifications().need("iot", "taxis", ["default"]));
});

it("assumes specifications for every collection if they are hidden or of another type", async () => {
  for (const found of [
    undefined,
    null,
    new Map(),
    [],
    { iot: new Map() },
    { iot: null },
  ]) {
    const specifications = await having(found);

    assert.ok(!specifications.isTrusted);
    assert.ok(specifications.have("iot", "taxis"));
  }
  Object.assign(fake.kuzzle, { validation: undefined });
  const specifications = new Specifications();
  assert.ok(!(await isAsExpected(specifications)));
  assert.ok(specifications.have("iot", "taxis"));
});

it("assumes specifications for every collection before the check", () => {
  assert.ok(new Specifications().have("iot", "taxis"));
});
