import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { it } from "node:test";

import { KuzzleError } from "kuzzle";

import type { RequestContext } from "../../../lib/kuzzle/application";
import { UpdateStatistics } from "../../../lib/statistics/UpdateStatistics";
import { DocumentQueues } from "../../../lib/write/DocumentQueues";
import { foldedUpdates } from "../../../lib/write/foldedUpdates";
import type { UpdateArguments } from "../../../lib/write/delegateUpdate";

const context = {
  connection: { id: "a", protocol: "websocket" },
  user: { _id: "joe" },
} as unknown as RequestContext;

const anUpdate = (of = context) =>
  ({
    _id: "liia",
    body: { seats: 1 },
    collection: "taxis",
    context: of,
    index: "iot",
    options: { silent: false, source: false, volatile: null },
  }) as unknown as UpdateArguments;

/** @param ms that a write takes */
const aFold = (ms: number, maxWait: number) =>
  foldedUpdates({
    maxWait,
    queues: new DocumentQueues({ maxPending: 10, maxWait }),
    statistics: new UpdateStatistics(),
    write: async () => {
      await setTimeout(ms);
      return { _id: "liia", _source: {}, _version: 2 };
    },
  });

it("stores nothing of what has waited for longer than maxWait behind a write", async () => {
  const write = aFold(40, 10);

  const [first, ...others] = await Promise.allSettled([
    write(anUpdate()),
    write(anUpdate()),
    write(anUpdate()),
  ]);

  assert.equal(first?.status, "fulfilled");
  for (const other of others) {
    assert.equal(other.status, "rejected");
    assert.equal(
      (other.reason as { id: string }).id,
      "plugin.document-update.timed_out",
    );
  }
});

it("stores nothing of what comes too late by itself either: later ones may be stored by then", async () => {
  const bodies: object[] = [];
  const queues = new DocumentQueues({ maxPending: 10, maxWait: 1_000 });
  const write = foldedUpdates({
    maxWait: 1_000,
    queues,
    statistics: new UpdateStatistics(),
    write: async ({ body }) => {
      bodies.push(body);
      await setTimeout(bodies.length === 2 ? 1_100 : 1);
      return { _id: "liia", _source: {}, _version: 2 };
    },
  });
  const all = [{ first: 1 }, { a: 1 }, { a: { b: 2 } }].map((body) =>
    write({ ...anUpdate(), body }),
  );

  const outcomes = await Promise.allSettled(all);

  assert.deepEqual(bodies, [{ first: 1 }, { a: 1 }]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["fulfilled", "fulfilled", "rejected"],
  );
});

it("ends its turn when all of it is stored, before Kuzzle has notified and answered", async () => {
  const stored: object[] = [];
  const answered: object[] = [];
  const write = foldedUpdates({
    maxWait: 5_000,
    queues: new DocumentQueues({ maxPending: 10, maxWait: 5_000 }),
    statistics: new UpdateStatistics(),
    write: async ({ body }, onStored) => {
      await setTimeout(1);
      stored.push(body);
      onStored?.();
      await setTimeout(body["isSlow"] ? 100 : 1);
      answered.push(body);
      return { _id: "liia", _source: {}, _version: 2 };
    },
  });
  // The first by itself, then a group of two writes.
  const bodies = [{ n: 0 }, { a: 1 }, { a: { b: 2 }, isSlow: true }];
  const all = bodies.map((body) => write({ ...anUpdate(), body }));
  await setTimeout(10);
  const last = write({ ...anUpdate(), body: { a: 3 } });

  await last;
  assert.deepEqual(stored, [...bodies, { a: 3 }]);
  assert.deepEqual(answered.at(-1), { a: 3 });
  await Promise.all(all);
});

it("has what a pipe on its notification writes go past the queue", async () => {
  const queues = new DocumentQueues({ maxPending: 10, maxWait: 5_000 });
  let writes = 0;
  const write = foldedUpdates({
    maxWait: 5_000,
    queues,
    statistics: new UpdateStatistics(),
    write: async (update) => {
      if (++writes === 1) {
        await write(update);
      }
      return { _id: "liia", _source: {}, _version: 2 };
    },
  });

  await Promise.race([
    write(anUpdate()),
    setTimeout(2_000, undefined, { ref: false }).then(() =>
      assert.fail("it waits for itself"),
    ),
  ]);
  assert.equal(writes, 2);
});

it("tells who waited behind a write that it has waited, and who conflicted of other writers", async () => {
  const conflict = new KuzzleError(
    "[liia]: version conflict, required seqNo [1]",
    500,
    "services.storage.unexpected_error",
    1,
  );
  const outcomeOf = async (ms: number, count: number) => {
    let writes = 0;
    const write = foldedUpdates({
      maxWait: 200,
      queues: new DocumentQueues({ maxPending: 10, maxWait: 200 }),
      statistics: new UpdateStatistics(),
      write: async () => {
        await setTimeout(++writes === 1 ? ms : 1);
        if (ms === 0 || writes > 1) {
          throw conflict;
        }
        return { _id: "liia", _source: {}, _version: 2 };
      },
    });
    const all = Array.from({ length: count }, () => write(anUpdate()));
    const last = (await Promise.allSettled(all)).at(-1)!;
    const { cause, id } = (last as { reason: KuzzleError }).reason;
    assert.equal(cause, conflict);
    return id;
  };

  assert.equal(await outcomeOf(150, 2), "plugin.document-update.timed_out");
  // Several that are folded conflict together.
  assert.equal(
    await outcomeOf(20, 4),
    "plugin.document-update.version_conflict",
  );
  assert.equal(
    await outcomeOf(0, 1),
    "plugin.document-update.version_conflict",
  );
});

it("leaves nobody waiting after a defect", async () => {
  let reads = 0;
  const breaking = {
    connection: context.connection,
    get user() {
      if (++reads > 1) {
        throw new Error("a defect");
      }
      return context.user;
    },
  } as unknown as RequestContext;
  const write = aFold(1, 1_000);

  await assert.rejects(write(anUpdate(breaking)), /a defect/);
  assert.equal((await write(anUpdate()))._version, 2);
});
