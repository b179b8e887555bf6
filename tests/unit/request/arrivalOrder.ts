import assert from "node:assert/strict";
import { afterEach, beforeEach, it, mock } from "node:test";
import { setImmediate } from "node:timers/promises";

import type { JSONObject } from "kuzzle";

import { ArrivalOrder } from "../../../lib/request/ArrivalOrder";
import { aRequest } from "../../support/fakeKuzzle";

// No time passes: what waits for the longest time only would wait for ever.
beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

/** Requests that have arrived in this order, and those that have entered, by their numbers. */
function arrived(...all: readonly JSONObject[]) {
  const order = new ArrivalOrder();
  const entered: number[] = [];
  const requests = all.map((data) =>
    aRequest(data, { connection: { id: data["connectionId"] ?? "one" } }),
  );
  requests.forEach((request) => order.note(request));
  const enter = (n: number) =>
    order.enter(requests[n]!).then(() => void entered.push(n));

  return { enter, entered, leave: (n: number) => order.leave(requests[n]!) };
}

it("has the requests of a connection enter in the order in which they arrived", async () => {
  const { enter, entered } = arrived({}, {}, {}, {});

  const [last, second] = [enter(3), enter(1)];
  await setImmediate();
  assert.deepEqual(entered, []);
  await Promise.all([enter(0), second]);
  assert.deepEqual(entered, [0, 1]);
  await Promise.all([enter(2), last]);

  assert.deepEqual(entered, [0, 1, 2, 3]);
});

it("does not wait for a request that has ended", async () => {
  const { enter, entered, leave } = arrived({}, {}, {});
  const last = enter(2);

  leave(1);
  await setImmediate();
  assert.deepEqual(entered, []);
  leave(0);
  await last;

  assert.deepEqual(entered, [2]);
});

for (const [what, other] of Object.entries({
  "another connection": { connectionId: "two" },
  "another document": { _id: "other" },
  "a request without a document": { _id: ["liia"] },
})) {
  it(`waits for nothing of ${what}`, async () => {
    const { enter, entered } = arrived(other, {});

    await enter(1);
    await enter(0);

    assert.deepEqual(entered, [1, 0]);
  });
}

it("waits for a second at most, and then no later request waits either", async () => {
  const { enter, entered } = arrived({}, {}, {});
  const [second, third] = [enter(1), enter(2)];

  mock.timers.tick(999);
  await setImmediate();
  assert.deepEqual(entered, []);
  mock.timers.tick(1);
  await Promise.all([second, third]);

  assert.deepEqual(entered, [1, 2]);
});

it("does not wait with a request that was not noted, such as one that a pipe has made", async () => {
  const order = new ArrivalOrder();
  order.note(aRequest());

  await order.enter(aRequest());
});
