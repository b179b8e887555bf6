import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { test } from "node:test";

import { copyFeatures } from "./copyFeatures";
import { runOnApplication } from "./runOnApplication";

/** Of Kuzzle's cucumber.config.cjs. That of MQTT knows but one port, whoever listens to it. */
const PROFILES = ["websocket", "http", "websocketLegacy", "httpLegacy"];

const checkout = process.env["KUZZLE_CHECKOUT"];
const skip = checkout
  ? false
  : "KUZZLE_CHECKOUT names no checkout of Kuzzle, whose npm package has no features";

const application = "intercepting";

test("Kuzzle's features pass with interceptNative", { skip }, async (t) => {
  const copy = await copyFeatures(String(checkout));
  t.after(() => rm(copy, { recursive: true }));

  for (const profile of PROFILES) {
    await t.test(profile, async (t) => {
      const run = { application, copy, profile } as const;
      const scenarios = await runOnApplication(run);
      const native = scenarios.some(({ failure }) => failure)
        ? await runOnApplication({ ...run, application: "app" })
        : [];

      for (const { failure, name, place, skipped } of scenarios) {
        const excuse =
          failure && native.find((each) => each.place === place)?.failure;
        const skip = excuse ? `fails without the plugin: ${excuse}` : skipped;
        await t.test(name, { skip }, () => {
          assert.equal(failure, undefined, `${place}\n${failure}`);
        });
      }
    });
  }
});
