import assert from "node:assert/strict";
import { it } from "node:test";

import type { TestApplication } from "../support/TestApplication";
import { errorsOf } from "./Crowd";
import { Flock } from "./Flock";
import { crowdOf, statsOf } from "./setting";

const CLIENTS = 64;
const DOCUMENTS = 4_000;
/** Growth of the heap that caches and compiled code explain, in bytes. */
const TOLERANCE = 5 * 2 ** 20;

export function manyDocuments(of: () => TestApplication): void {
  it(`no memory is kept of updates of ${DOCUMENTS} documents`, async () => {
    const application = of();
    const flock = await Flock.of(application, "many", DOCUMENTS);
    const crowd = await crowdOf(application, CLIENTS);
    let next = 0;
    const update = (count: number) =>
      crowd.send({
        request: () => ({ ...flock.target, _id: idOf(next++) }),
        updates: count,
      });
    const idOf = (n: number) => flock.ids[n % DOCUMENTS]!;
    // What is compiled and cached by the first updates is not held by those that follow.
    await update(DOCUMENTS / 4);
    const before = await heapUsed(application);

    const sent = await update(DOCUMENTS);

    assert.deepEqual(errorsOf(sent), []);
    const growth = (await heapUsed(application)) - before;
    assert.ok(growth < TOLERANCE, `the heap has grown by ${growth} bytes`);
    const { queues } = await statsOf(application);
    assert.deepEqual([queues.documents, queues.longest], [0, 0]);
    await Promise.all([crowd.close(), flock.close()]);
  });
}

async function heapUsed({ stage }: TestApplication): Promise<number> {
  const request = { action: "memory", controller: "probe" };

  return Number((await stage.call(request))["heapUsed"]);
}
