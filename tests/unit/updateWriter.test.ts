import assert from "node:assert/strict";
import { beforeEach, it, mock } from "node:test";

import { WriteScope } from "../../lib/kuzzle/WriteScope";
import { UpdateStatistics } from "../../lib/statistics/UpdateStatistics";
import { updateWriter } from "../../lib/write/updateWriter";
import { everything } from "../support/aLane";
import {
  aConflict,
  anUpdate,
  Outcomes,
  PausedStorage,
  settled,
} from "../support/aWrite";
import { FakeKuzzle } from "../support/fakeKuzzle";

const rules = {
  ...everything,
  isQueued: ({ collection }: { collection: string }) => collection === "fold",
};
const folded = anUpdate({ collection: "fold" });

async function aWriter(isScopeTrusted = true) {
  const storage = new PausedStorage();
  const scope = new WriteScope();
  const statistics = new UpdateStatistics();
  const outcomes = new Outcomes();
  if (isScopeTrusted) {
    assert.ok(await scope.verify());
  }
  const writer = updateWriter(
    (update) => storage.write(update),
    rules,
    { maxPending: 100, maxWait: 5_000 },
    scope,
    statistics,
  );

  return { ...writer, outcomes, scope, statistics, storage };
}

beforeEach(() => {
  new FakeKuzzle();
});

it("writes each update at once, but those that are folded", async () => {
  const { lanes, storage, write } = await aWriter();

  void write(anUpdate());
  void write(anUpdate());
  assert.equal(storage.writing.length, 2);
  assert.equal(lanes.count, 0);

  void write(folded);
  void write(folded);
  assert.equal(storage.writing.length, 3);
  assert.deepEqual([lanes.count, lanes.longest], [1, 1]);
  await storage.storeAll();
  assert.equal(lanes.count, 0);
});

it("tries again what conflicts, folded or not", async () => {
  mock.method(Math, "random", () => 0);
  for (const update of [anUpdate(), folded]) {
    const { lanes, outcomes, statistics, storage, write } = await aWriter();

    outcomes.follow(write(update));
    await storage.failFirst(aConflict());
    while (storage.writing.length === 0) {
      await settled();
    }
    await storage.storeAll();

    assert.equal((outcomes.all[0] as { _id: string })._id, "liia");
    assert.deepEqual([statistics.conflicts, statistics.retries], [1, 1]);
    assert.equal(lanes.count, 0);
  }
  mock.restoreAll();
});

it("folds nothing where it cannot know what a write is in the course of", async () => {
  const { lanes, storage, write } = await aWriter(false);

  void write(folded);
  void write(folded);

  assert.equal(storage.writing.length, 2);
  assert.equal(lanes.count, 0);
  await storage.storeAll();
});

it("does not have an update wait that is made in the course of a write", async () => {
  const { lanes, outcomes, storage, write } = await aWriter();
  const { write: store } = storage;
  let nested: Promise<unknown> | undefined;
  // As a pipe of Kuzzle's would.
  Object.assign(storage, {
    write: async (written: typeof folded) => {
      if (written.body["outer"]) {
        nested ??= write({ ...folded, body: { inner: true } });
        await nested;
      }
      return store(written);
    },
  });

  outcomes.follow(write({ ...folded, body: { outer: true } }));
  await settled();
  assert.deepEqual(storage.bodies, [{ inner: true }]);
  await storage.storeAll();

  assert.equal((outcomes.all[0] as { _id: string })._id, "liia");
  assert.equal(lanes.count, 0);
});

it("has what a write leaves behind wait for its turn again", async () => {
  const { lanes, storage, write } = await aWriter();
  const { write: store } = storage;
  let later = () => {};
  Object.assign(storage, {
    write: (written: typeof folded) => {
      const left = Promise.resolve();
      later = () => void left.then(() => write(folded));
      return store(written);
    },
  });

  void write(folded);
  await storage.storeAll();
  Object.assign(storage, { write: store });
  void write(folded);
  later();
  await settled();

  assert.equal(lanes.longest, 1);
  await storage.storeAll();
});
