import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, it, mock } from "node:test";

import { aLane } from "../../support/aLane";
import { anUpdate, settled } from "../../support/aWrite";

afterEach(() => mock.timers.reset());

const a = (n: number, changes: Parameters<typeof anUpdate>[0] = {}) =>
  anUpdate({ body: { [`n${n}`]: n }, ...changes });

it("writes the first update at once, and those that wait meanwhile as one", async () => {
  const { lanes, outcomes, start, statistics, storage } = aLane();

  start(a(0), a(1), a(2));
  assert.deepEqual(storage.bodies, [{ n0: 0 }]);
  assert.deepEqual([lanes.count, lanes.longest], [1, 2]);

  await storage.storeFirst();
  assert.deepEqual(storage.bodies, [{ n1: 1, n2: 2 }]);
  await storage.storeAll();

  const _kuzzle_info = { author: "joe", createdAt: 1 };
  assert.deepEqual(outcomes.all, [
    { _id: "liia", _source: { _kuzzle_info, n0: 0 }, _version: 2 },
    { _id: "liia", _source: { _kuzzle_info, n1: 1 }, _version: 3 },
    { _id: "liia", _source: { _kuzzle_info, n2: 2 }, _version: 3 },
  ]);
  assert.deepEqual([lanes.count, lanes.longest], [0, 0]);
  assert.equal(statistics.folds.sum, 2);
  assert.equal(statistics.longestLane, 2);
});

it("does not make updates of other documents wait", async () => {
  const { lanes, start, storage } = aLane();

  start(a(0), a(1, { _id: "lea" }), a(2, { collection: "other" }));

  assert.equal(storage.writing.length, 3);
  assert.deepEqual([lanes.count, lanes.longest], [3, 0]);
  await storage.storeAll();
});

it("refuses an update when the maximum already waits", async () => {
  const { outcomes, start, storage } = aLane({ maxPending: 1 });

  start(a(0), a(1), a(2));
  await settled();

  assert.deepEqual(outcomes.ids, [
    "pending",
    "pending",
    "plugin.document-update.too_many_pending",
  ]);
  await storage.storeAll();
});

it("gives up an update that waits for too long, and no other", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { lanes, outcomes, start, storage } = aLane({ maxWait: 100 });

  start(a(0), a(1));
  mock.timers.tick(60);
  start(a(2));
  mock.timers.tick(40);
  await settled();
  assert.deepEqual(outcomes.ids, [
    "pending",
    "plugin.document-update.version_conflict",
    "pending",
  ]);
  assert.equal((outcomes.all[1] as Error).cause, undefined);

  await storage.storeFirst();
  assert.deepEqual(storage.bodies, [{ n2: 2 }]);
  await storage.storeAll();
  assert.equal(lanes.count, 0);
});

it("does not give up an update whose lane was replaced or is gone", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { outcomes, start, storage } = aLane({ maxWait: 100 });

  start(a(0));
  await storage.storeAll();
  start(a(1));
  mock.timers.tick(100);
  await settled();

  assert.equal(outcomes.all[1], "pending");
  await storage.storeAll();
  mock.timers.tick(100);
});

it("leaves no timer behind, of what is stored or of what fails", async () => {
  const timers = () =>
    process.getActiveResourcesInfo().filter((name) => name === "Timeout");
  const before = timers();
  const { start, storage } = aLane();

  start(a(0), a(1), a(2));
  assert.equal(timers().length, before.length + 3);
  await storage.failFirst(new Error("native"));
  assert.equal(timers().length, before.length + 2);
  await storage.failFirst(new Error("native"));
  assert.equal(timers().length, before.length);

  start(a(3));
  await storage.storeAll();
  assert.equal(timers().length, before.length);
});

it("gives each write the time that is left", async () => {
  let now = 0;
  mock.method(performance, "now", () => now);
  const { start, storage, waits } = aLane({ maxWait: 100 });

  start(a(0), a(1));
  now = 30;
  await storage.storeAll();

  assert.deepEqual(waits, [100, 70]);
  mock.restoreAll();
});

it("runs each write where the last of its updates comes from, for what is logged meanwhile", async () => {
  const seen: unknown[] = [];
  const request = new AsyncLocalStorage<string>();
  const { start, storage } = aLane({}, () => seen.push(request.getStore()));

  for (const name of ["one", "two", "three"]) {
    request.run(name, () => start(a(0)));
  }
  await request.run("another", () => storage.storeAll());

  assert.deepEqual(seen, ["one", "three"]);
});
