import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { Ledger } from "../../../demo/page/storm/Ledger";
import { lostOrder } from "../../../demo/page/storm/lostOrder";
import { percentile } from "../../../demo/page/storm/percentile";

const run = (...versions: readonly (number | undefined)[]) =>
  versions.map((version) => ({ version }));

describe("the page's ledger of a storm", () => {
  it("counts what was stored before an update that the same connection sent earlier", () => {
    assert.equal(lostOrder([]), 0);
    assert.equal(lostOrder([run(2, 3, 3, 4), run(1, 5)]), 0);
    assert.equal(lostOrder([run(3, 2, 4), run(5, 1, 4)]), 3);
  });

  it("leaves updates that were not stored out of the order", () => {
    assert.equal(lostOrder([run(2, undefined, 3), run(undefined)]), 0);
    assert.equal(lostOrder([run(3, undefined, 2)]), 1);
  });

  it("takes percentiles by the nearest rank, in any order", () => {
    const values = Array.from({ length: 100 }, (_, each) => 100 - each);

    assert.deepEqual(
      [0.5, 0.95, 0.99, 1].map((share) => percentile(values, share)),
      [50, 95, 99, 100],
    );
    assert.equal(percentile([7], 0.5), 7);
    assert.equal(percentile([], 0.5), NaN);
  });

  it("tells what was stored, what failed and why, how fast and in which order", () => {
    const ledger = new Ledger(1_000);
    const [first, second] = [0, 1].map(() => ledger.send(0, "a", 1_000));
    const other = ledger.send(1, "a", 1_000);
    assert.ok(first && second);

    ledger.store(second, 2, 1_010);
    ledger.store(first, 3, 1_030);
    ledger.fail("services.storage.unexpected_error");
    ledger.end(3_000);

    assert.equal(other.version, undefined);
    assert.equal(ledger.answered, 3);
    assert.deepEqual(ledger.figures(9_000), {
      answeredPerSecond: 1.5,
      errors: new Map([["services.storage.unexpected_error", 1]]),
      failed: 1,
      outOfOrder: 1,
      overwritten: undefined,
      p50: 10,
      p95: 30,
      p99: 30,
      perSecond: 1,
      stored: 2,
    });
  });

  it("tells the p95 of those that were stored since it was asked last", () => {
    const ledger = new Ledger(0);
    const store = (latency: number) =>
      ledger.store(ledger.send(0, "a", 0), 2, latency);

    assert.equal(ledger.recentP95(), null);
    for (let latency = 100; latency > 0; latency--) {
      store(latency);
    }
    assert.equal(ledger.recentP95(), 95);
    store(8);
    assert.equal(ledger.recentP95(), 8);
    assert.equal(ledger.recentP95(), null);
  });
});
