import { setImmediate as turn } from "node:timers/promises";

import { UpdateStatistics } from "../../lib/statistics/UpdateStatistics";
import type { Write } from "../../lib/write/UpdateArguments";
import { updateWriter } from "../../lib/write/updateWriter";
import { FakeKuzzle } from "../support/fakeKuzzle";
import { toTable } from "../support/markdown";
import { exponentOf } from "./statistics";

/** Updates of each document: one is written, and two wait to be folded. */
const AT_ONCE = 3;
const SIZES = [1, 10, 100, 1_000, 10_000, 100_000];
const UPDATES = 300_000;

/** Storage that takes a turn of the event loop, and nothing else. */
const store: Write = async ({ _id, body }) => {
  await turn();
  return { _id, _source: body, _version: 1 };
};

/**
 * What lanes cost by themselves: as many documents at once, in fold mode, with storage that costs
 * nothing. A table of CPU for an update by the number of lanes, in Markdown.
 */
export async function lanesAlone(): Promise<string> {
  new FakeKuzzle();
  const points: [size: number, cpu: number][] = [];
  await cpuOf(1_000);
  for (const size of SIZES) {
    points.push([size, await cpuOf(size)]);
  }

  return toTable(
    ["lanes at once", "CPU for an update, µs"],
    [
      ...points.map(([size, cpu]) => [
        size.toLocaleString("en"),
        cpu.toFixed(2),
      ]),
      ["exponent, all sizes", exponentOf(points).toFixed(2)],
    ],
  );
}

/** CPU for an update, in µs. */
async function cpuOf(size: number): Promise<number> {
  const statistics = new UpdateStatistics();
  const { lanes, write } = updateWriter(
    { mUpdate: () => Promise.resolve([]), update: store },
    {
      contention: { "*/*": "fold" },
      groupCommit: [],
      lane: { maxPending: AT_ONCE, maxWait: 600_000 },
    },
    statistics,
  );
  const rounds = Math.ceil(UPDATES / (size * AT_ONCE));
  const { system, user } = process.cpuUsage();
  for (let round = 0; round < rounds; round++) {
    await Promise.all(
      Array.from({ length: size * AT_ONCE }, (_, n) =>
        write(anUpdate(n % size)),
      ),
    );
  }
  const used = process.cpuUsage({ system, user });
  await turn();
  if (lanes.some(({ count }) => count > 0)) {
    throw new Error("Lanes were left behind.");
  }

  return (used.system + used.user) / (rounds * size * AT_ONCE);
}

function anUpdate(document: number): Parameters<Write>[0] {
  return {
    _id: String(document),
    body: { count: 1 },
    collection: "lanes",
    connectionId: "bench",
    index: "bench",
    kuid: "-1",
    options: {
      requestId: "bench",
      silent: false,
      source: false,
      timestamp: 0,
      volatile: null,
    },
  };
}
