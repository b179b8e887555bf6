import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { afterEach, it, mock } from "node:test";

import type { Koncorde as Class } from "koncorde";

import { KoncordeFilters } from "../../../lib/kuzzle/KoncordeFilters";
import { isAsExpected } from "../../support/isAsExpected";
import { refusal } from "../../support/refusal";

const packages = createRequire(__filename)("koncorde") as {
  Koncorde: unknown;
};
const Koncorde = packages.Koncorde as typeof Class;

afterEach(() => {
  mock.restoreAll();
  packages.Koncorde = Koncorde;
});

const assertRefused = (filters: KoncordeFilters) =>
  assert.throws(
    () => filters.Koncorde,
    refusal("conditional_writes_unavailable"),
  );

it("is the class of Kuzzle's own, once it is checked", async () => {
  const filters = new KoncordeFilters();

  assertRefused(filters);
  assert.ok(await isAsExpected(filters));
  assert.equal(filters.Koncorde, Koncorde);
});

it("is refused if Kuzzle has none, or one that works differently", async () => {
  for (const another of [
    undefined,
    class extends Koncorde {
      override test() {
        return [];
      }
    },
    class extends Koncorde {
      override test() {
        return ["a", "b"];
      }
    },
    Object.assign(class extends Koncorde {}, { convertGeopoint: () => null }),
  ]) {
    packages.Koncorde = another;
    const filters = new KoncordeFilters();

    assert.ok(!(await isAsExpected(filters)));
    assertRefused(filters);
  }
});
