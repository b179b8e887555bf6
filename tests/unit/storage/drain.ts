import assert from "node:assert/strict";
import { afterEach, it, mock } from "node:test";

import { drain } from "../../../lib/storage/BatchedStorage";
import { Outcomes, settled } from "../../support/aWrite";

afterEach(() => {
  mock.restoreAll();
  mock.timers.reset();
});

/** A clock that goes on when a test says so. */
function aClock() {
  let now = 1_000;
  mock.method(performance, "now", () => now);
  mock.timers.enable({ apis: ["setTimeout"] });

  return {
    pass: async (ms: number) => {
      now += ms;
      mock.timers.tick(ms);
      await settled();
    },
  };
}

it("does not wait if nothing is under way", async () => {
  // Whoever waited would never see the time go on.
  aClock();

  assert.ok(await drain(() => true, 0));
});

it("waits until nothing is under way any more", async () => {
  const { pass } = aClock();
  const outcomes = new Outcomes();
  let isIdle = false;

  outcomes.follow(drain(() => isIdle, 5_000));
  await pass(4_000);
  assert.deepEqual(outcomes.all, ["pending"]);
  isIdle = true;
  await pass(20);

  assert.deepEqual(outcomes.all, [true]);
});

it("stops waiting after the maximum time, and returns false", async () => {
  const { pass } = aClock();
  const outcomes = new Outcomes();

  outcomes.follow(drain(() => false, 5_000));
  await pass(4_999);
  assert.deepEqual(outcomes.all, ["pending"]);
  await pass(20);

  assert.deepEqual(outcomes.all, [false]);
});
