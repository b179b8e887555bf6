import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { Client } from "../../../demo/page/Client";
import type { Contender } from "../../../demo/page/storm/contenders";
import { Ledger } from "../../../demo/page/storm/Ledger";
import { runContender } from "../../../demo/page/storm/runContender";

const plan = { inFlight: 2, isHot: true, retryOnConflict: 1, updates: 2 };
const way = {
  collection: "storm",
  isDefault: true,
  isFolded: false,
  key: "way",
  kind: "counter",
  label: "Way",
  name: "the way",
} as const;

async function run(contender: Contender): Promise<Ledger> {
  const ledger = new Ledger(0);
  await runContender(
    plan,
    contender,
    ["document"],
    [{} as Client],
    ledger,
    () => false,
  );

  return ledger;
}

describe("the page's storm", () => {
  it("takes the order from when updates are sent, not from when their clients read", async () => {
    let answerFirst: (count: number) => void = () => assert.fail();
    const first = new Promise<number>((resolve) => (answerFirst = resolve));
    let reads = 0;
    let version = 1;

    const ledger = await run({
      ...way,
      // The client that reads first gets its answer last.
      read: () => (++reads === 1 ? first : Promise.resolve(7)),
      update: (_client, { count }) => {
        if (count === 7) {
          answerFirst(8);
        }
        return Promise.resolve(++version);
      },
    });

    assert.equal(ledger.stored, 2);
    assert.equal(ledger.figures(1).outOfOrder, 0);
  });

  it("counts an update whose read fails as failed, by the id of the error", async () => {
    const ledger = await run({
      ...way,
      read: () =>
        Promise.reject(Object.assign(new Error("no answer"), { id: "a.b.c" })),
      update: () => Promise.resolve(2),
    });

    const { errors, failed } = ledger.figures(1);
    assert.deepEqual([failed, [...errors]], [2, [["a.b.c", 2]]]);
  });
});
