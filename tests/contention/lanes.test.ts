import assert from "node:assert/strict";
import { it } from "node:test";

import { UpdateStatistics } from "../../lib/statistics/UpdateStatistics";
import type { UpdateArguments } from "../../lib/write/UpdateArguments";
import { updateWriter } from "../../lib/write/updateWriter";
import { aConflict, anUpdate, settled } from "../support/aWrite";
import { FakeKuzzle } from "../support/fakeKuzzle";

const THOUSAND = 1_000;

it("keeps nothing of a million documents, each of which was written in a lane", async () => {
  new FakeKuzzle();
  const refused = new Set<string>();
  const conflict = aConflict();
  const update = async ({ _id, body, collection }: UpdateArguments) => {
    // The first time, others were faster.
    if (!refused.delete(collection)) {
      refused.add(collection);
      throw conflict;
    }
    return { _id, _source: { ...body }, _version: 2 };
  };
  const statistics = new UpdateStatistics();
  const { lanes, write } = updateWriter(
    { mUpdate: () => Promise.reject(new Error("No group here.")), update },
    {
      contention: { "iot/*": "fold" },
      groupCommit: [],
      lane: { maxPending: 100, maxWait: 60_000 },
    },
    statistics,
  );
  let folds = 0;

  for (let thousand = 0; thousand < THOUSAND; thousand++) {
    const written = Array.from({ length: THOUSAND }, (_, n) =>
      write(
        anUpdate({
          collection: `${thousand}-${n}`,
          index: n % 2 === 0 ? "iot" : "nyc-open-data",
        }),
      ),
    );
    folds = Math.max(folds, lanes[1]?.count ?? 0);
    await Promise.all(written);
  }
  await settled();

  assert.ok(folds >= THOUSAND / 2, String(folds));
  assert.equal(statistics.conflicts, THOUSAND ** 2);
  assert.deepEqual(
    lanes.map(({ count, longest }) => [count, longest]),
    [
      [0, 0],
      [0, 0],
    ],
  );
});
