import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { test } from "node:test";

import { copyFeatures } from "./copyFeatures";
import { runOnApplication } from "./runOnApplication";
import type { Scenario } from "./scenarios";

/** Of Kuzzle's cucumber.config.cjs. */
const PROFILES = [
  "websocket",
  "http",
  "websocketLegacy",
  "httpLegacy",
  "mqttLegacy",
];

const checkout = process.env["KUZZLE_CHECKOUT"];
const skip = checkout
  ? false
  : "KUZZLE_CHECKOUT names no checkout of Kuzzle, whose npm package has no features";

test("Kuzzle's features pass with interceptNative", { skip }, async (t) => {
  const copy = await copyFeatures(String(checkout));
  t.after(() => rm(copy, { recursive: true }));

  for (const profile of PROFILES) {
    await t.test(profile, async (t) => {
      const all = { copy, places: [], profile };
      const scenarios = await runOnApplication("appWithPlugin", all);
      const places = failuresOf(scenarios);
      const native =
        places.length > 0
          ? failuresOf(await runOnApplication("app", { ...all, places }))
          : [];

      for (const { message, name, place, status } of scenarios) {
        const skip = native.includes(place)
          ? "fails without the plugin"
          : status === "skipped";
        await t.test(name, { skip }, () => {
          assert.equal(status, "passed", `${place}\n${message}`);
        });
      }
    });
  }
});

/** Places of the scenarios that failed. */
function failuresOf(scenarios: readonly Scenario[]): string[] {
  return scenarios
    .filter(({ status }) => status === "failed")
    .map(({ place }) => place);
}
