import assert from "node:assert/strict";
import { it, mock } from "node:test";

import { UpdateStatistics } from "../../../lib/statistics/UpdateStatistics";
import { updateWriter } from "../../../lib/write/updateWriter";
import { everything } from "../../support/aLane";
import {
  aConflict,
  anUpdate,
  Outcomes,
  PausedStorage,
  settled,
} from "../../support/aWrite";

const rules = {
  ...everything,
  isQueued: ({ collection }: { collection: string }) => collection === "fold",
};
const folded = anUpdate({ collection: "fold" });

function aWriter() {
  const storage = new PausedStorage();
  const statistics = new UpdateStatistics();
  const outcomes = new Outcomes();
  const writer = updateWriter(
    (update) => storage.write(update),
    rules,
    { maxPending: 100, maxWait: 5_000 },
    statistics,
  );

  return { ...writer, outcomes, statistics, storage };
}

it("writes each update at once, but those that are folded", async () => {
  const { lanes, storage, write } = aWriter();

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
    const { lanes, outcomes, statistics, storage, write } = aWriter();

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
