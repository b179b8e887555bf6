import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { Comparison, taken } from "./comparison";
import type { ConformanceCase } from "./ConformanceCase";
import { generate } from "./generated";
import { handwritten } from "./handwritten";
import { knownDifferences, ways } from "./knownDifferences";
import { isStored } from "./setStage";

const seed = Number(process.env["CONFORMANCE_SEED"] ?? Date.now() % 2 ** 31);
/** All of them on one pair of versions, some on the others: of another seed each time. */
const generated = Number(process.env["CONFORMANCE_GENERATED"] ?? 80);
/** Plays every n-th of the handwritten cases. */
const sample = Number(process.env["CONFORMANCE_SAMPLE"] ?? 1);
const cases: readonly ConformanceCase[] = [
  ...handwritten.filter((_, position) => (position + seed) % sample === 0),
  ...generate(seed, generated),
];

describe(`against native document:update (seed ${seed})`, () => {
  let comparison: Comparison;
  before(async () => {
    comparison = await Comparison.start(ways, cases, seed);
  });
  after(() => comparison?.stop());

  for (const [position, each] of cases.entries()) {
    it(`is the same: ${each.name}`, async (test) => {
      if (!comparison.isPossible(each)) {
        return test.skip("this Elasticsearch has no such collection");
      }
      assert.deepEqual(await comparison.play(each, position), []);
    });
  }

  it("stores updates of one document at once", async () => {
    assert.deepEqual(await comparison.playContention(), []);
  });

  it("answers all updates of a refused request as native does", async () => {
    assert.deepEqual(await comparison.playRefusal(), []);
  });

  it("does not recreate a collection that was deleted without Kuzzle", async () => {
    for (const place of comparison.places) {
      const { application, collections, index } = comparison.stageOf(place);
      const gone = { collection: String(collections["gone"]), index };
      assert.equal(await isStored(application, gone), false, place);
    }
  });

  it("has observed batches, and folded updates", async (test) => {
    const { foldedBehindOthers, played } = comparison;
    test.diagnostic(JSON.stringify({ ...played, foldedBehindOthers }));
    const stats = (way: "batched" | "folded" | "nativeBatched") =>
      comparison.stageOf(taken[way].place).application.stage.call({
        action: "stats",
        controller: "document-update",
      });

    const { batches } = await stats("batched");
    const { batches: others } = await stats("nativeBatched");
    for (const [{ buckets, count }, expected] of [
      [batches, Number(played["batched"]) + Number(played["unheard"])],
      [
        others,
        Number(played["nativeBatched"]) + Number(played["nativeUnheard"]),
      ],
    ]) {
      // Of the others many ask for what no batch gives.
      assert.ok(
        count - buckets[0]!.count > expected / 2,
        JSON.stringify(buckets),
      );
    }
    const { folds } = await stats("folded");
    assert.ok(folds.count > foldedBehindOthers / 2, JSON.stringify(folds));
  });

  for (const way of sample > 1 ? [] : ways) {
    it(`meets every difference of the table by ${way}`, () => {
      const major = comparison.stageOf("plain").application.elasticsearchMajor;
      const unmet = knownDifferences
        .filter(
          (entry) =>
            entry.by.includes(way) &&
            !(entry.isBeforeStorage && taken[way].isBeneath) &&
            !entry.isOfOldKuzzle &&
            (entry.onVersion ?? major) === major &&
            !comparison.met[way]!.has(entry),
        )
        .map(({ where }) => where);
      assert.deepEqual(unmet, []);
    });
  }
});
