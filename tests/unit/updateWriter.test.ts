import assert from "node:assert/strict";
import { beforeEach, it } from "node:test";

import { BadRequestError } from "kuzzle";

import { UpdateStatistics } from "../../lib/statistics/UpdateStatistics";
import { updateWriter } from "../../lib/write/updateWriter";
import { WriteScope } from "../../lib/write/WriteScope";
import { aConflict, anUpdate, PausedStorage, settled } from "../support/aWrite";
import { FakeKuzzle } from "../support/fakeKuzzle";

const body = { seats: 5 };

function aWriter(configuration = {}) {
  const storage = new PausedStorage();
  const statistics = new UpdateStatistics();
  const { lanes, write } = updateWriter(
    storage,
    {
      contention: { "iot/fold*": "fold", "iot/*": "retry" },
      groupCommit: ["iot/*group"],
      lane: { maxPending: 100, maxWait: 5_000 },
      ...configuration,
    },
    statistics,
  );
  const outcomes: unknown[] = [];
  /** Writes, and notes what became of it under a number. */
  const start = (update: ReturnType<typeof anUpdate>) => {
    const number = outcomes.push("pending") - 1;
    void write(update).then(
      (document) => (outcomes[number] = document),
      (error: unknown) => (outcomes[number] = error),
    );
  };
  const isIdle = () => lanes.every(({ count }) => count === 0);

  return { isIdle, lanes, outcomes, start, statistics, storage, write };
}

const folded = (changes = {}) =>
  anUpdate({ collection: "fold", index: "iot", ...changes });
const grouped = (changes = {}) =>
  anUpdate({ collection: "group", index: "iot", ...changes });
const ids = ({ updates }: PausedStorage["writing"][number]) =>
  updates.map(({ _id }) => _id);
const idOf = (error: unknown) => (error as { id?: string }).id;

let kuzzle: FakeKuzzle;
beforeEach(() => {
  kuzzle = new FakeKuzzle();
});

it("stores updates of one document at once, as long as none conflicts", async () => {
  const { isIdle, outcomes, start, storage } = aWriter();

  start(anUpdate());
  start(anUpdate());
  assert.equal(storage.writing.length, 2);
  assert.ok(isIdle());

  await storage.storeAll();
  assert.equal(outcomes.includes("pending"), false);
});

/** Has updates of one document conflict, so that they are stored in its lane. */
async function inLane(count: number, configuration = {}) {
  const writer = aWriter(configuration);
  const { start, storage } = writer;
  for (let number = 0; number < count; number++) {
    start(anUpdate({ body: { number } }));
  }
  const conflict = aConflict();
  for (const { fail } of [...storage.writing]) {
    fail(conflict);
  }
  await settled();

  return { ...writer, conflict };
}

it("stores those that conflict some at once, the others in their turn, until they are stored", async () => {
  const { isIdle, lanes, outcomes, start, statistics, storage } =
    await inLane(22);
  const numbers = () => storage.writing.map(({ updates }) => updates[0]?.body);

  assert.deepEqual(
    numbers(),
    Array.from({ length: 20 }, (_, number) => ({ number })),
  );
  assert.equal(storage.writing[0]?.updates[0]?.options.retryOnConflict, 50);
  assert.equal(lanes[0]?.longest, 2);

  // One that comes now does not try its luck first.
  start(anUpdate({ body: { number: 22 } }));
  assert.equal(lanes[0].longest, 3);
  // Of another document it does.
  start(anUpdate({ _id: "lea" }));
  assert.equal(storage.writing.length, 21);

  storage.writing[0]?.fail(aConflict());
  await settled();
  assert.ok(numbers().some((body) => body?.["number"] === 0));
  await storage.storeAll();

  const versions = outcomes.map(
    (document) => (document as { _version: number })._version,
  );
  assert.equal(new Set(versions).size, 24);
  assert.ok(versions.every((version) => version > 1));
  assert.ok(isIdle());
  assert.deepEqual(
    [statistics.conflicts, statistics.retries, statistics.longestLane],
    [23, 1, 3],
  );
});

it("tries first what the client asked for itself, though its document has a lane", async () => {
  const { lanes, start, storage } = await inLane(21);
  const asked = [{ retryOnConflict: "abc" }, { refresh: "wait_for" }];

  for (const options of asked) {
    start(anUpdate({ options }));
  }

  assert.equal(lanes[0]?.longest, 1);
  assert.deepEqual(
    storage.writing.slice(20).map(({ updates }) => updates[0]?.options),
    asked.map((options) => anUpdate({ options }).options),
  );
  await storage.storeAll();
});

it("lets those that wait for the refresh conflict outside of a lane", async () => {
  const { isIdle, outcomes, start, statistics, storage } = aWriter();
  start(anUpdate({ options: { refresh: "wait_for" } }));

  storage.writing[0]?.fail(aConflict());
  await settled();
  assert.ok(isIdle());
  assert.equal(storage.writing[0]?.updates[0]?.options.retryOnConflict, 50);
  storage.writing[0].fail(aConflict());
  await settled();
  await storage.storeAll();

  assert.equal((outcomes[0] as { _id?: string })._id, "liia");
  assert.deepEqual([statistics.conflicts, statistics.retries], [2, 1]);
});

it("has nothing wait that may not", async () => {
  const { outcomes, start, storage } = await inLane(20, {
    lane: { maxPending: 100, maxWait: 0 },
  });

  start(anUpdate());
  assert.equal(storage.writing.length, 21);
  await storage.storeAll();
  assert.equal((outcomes[20] as { _id?: string })._id, "liia");
});

it("keeps the updates of one document in the order of their group, though it has a lane", async () => {
  const { lanes, start, storage } = aWriter();
  start(grouped({ body: { number: 0 } }));
  // Of the bulk write, then by itself.
  storage.writing[0]?.fail(aConflict());
  await settled();
  storage.writing[0]?.fail(aConflict());
  await settled();
  assert.equal(lanes[0]?.count, 1);

  start(grouped({ body: { number: 1 } }));
  start(grouped({ body: { number: 2 } }));

  assert.deepEqual(
    storage.writing.map(({ updates }) => updates[0]?.body["number"] as unknown),
    [0, 1],
  );
  await storage.storeAll();
});

it("gives up an update that waits for too long, at once, and those that still conflict then", async () => {
  const { conflict, isIdle, outcomes, storage } = await inLane(21, {
    lane: { maxPending: 100, maxWait: 20 },
  });
  await new Promise((resolve) => setTimeout(resolve, 50));

  assert.deepEqual([...new Set(outcomes.slice(0, 20))], ["pending"]);
  assert.equal(idOf(outcomes[20]), "plugin.document-update.version_conflict");
  assert.equal((outcomes[20] as Error).cause, conflict);

  for (const { fail } of [...storage.writing]) {
    fail(conflict);
  }
  await settled();
  assert.equal(idOf(outcomes[0]), "plugin.document-update.version_conflict");
  assert.ok(isIdle());
});

it("refuses an update when as many wait as may", async () => {
  const { outcomes, start, storage } = aWriter({
    lane: { maxPending: 1, maxWait: 5_000 },
  });

  for (const _id of ["1", "2", "3"]) {
    start(folded({ _id: "liia", body: { [_id]: true } }));
  }
  await settled();
  assert.deepEqual(outcomes.slice(0, 2), ["pending", "pending"]);
  assert.equal(idOf(outcomes[2]), "plugin.document-update.too_many_pending");
  assert.equal((outcomes[2] as { status: number }).status, 503);
  await storage.storeAll();
});

it("lets the native error of an update pass untouched, and goes on with the next", async () => {
  const { isIdle, outcomes, storage } = await inLane(21);
  const error = new BadRequestError("native", "native.error", 1);

  storage.writing[0]?.fail(error);
  await settled();
  assert.equal(storage.writing.length, 20);
  await storage.storeAll();

  assert.equal(outcomes[0], error);
  assert.equal((outcomes[20] as { _id?: string })._id, "liia");
  assert.ok(isIdle());
});

it("does not have an update wait that is made in the course of a write", async () => {
  for (const collection of ["fold", "plain", "foldgroup"]) {
    const { isIdle, start, outcomes, storage, write } = aWriter();
    const update = anUpdate({ collection, index: "iot" });
    const { update: store } = storage;
    let nested: Promise<unknown> | undefined;
    // As a pipe of `generic:document:injectMetadata` would.
    Object.assign(storage, {
      update: async (written: typeof update) => {
        if (written.body["outer"]) {
          nested ??= write(anUpdate({ ...update, body: { inner: true } }));
          await nested;
        }
        return store(written);
      },
    });

    start({ ...update, body: { outer: true } });
    await settled();
    storage.writing[0]?.fail(aConflict());
    await settled();
    await storage.storeAll();

    assert.equal((outcomes[0] as { _id?: string })._id, "liia", collection);
    assert.ok(isIdle());
  }
});

it("keeps the request that Kuzzle's logger names, and knows a write through those of others", async () => {
  const { asyncStore } = global.kuzzle;
  const [outer, inner] = [new WriteScope(), new WriteScope()];
  const seen: unknown[] = [];
  const look = () => {
    seen.push([outer.isInside, inner.isInside, asyncStore.get("REQUEST")]);
    return Promise.resolve();
  };

  await new Promise<void>((resolve) => {
    asyncStore.run(() => {
      asyncStore.set("REQUEST", "a-request");
      const nested = outer.run(async () => {
        await look();
        await inner.run(look);
      });
      void nested.then(look).then(resolve);
    });
  });

  assert.deepEqual(seen, [
    [true, false, "a-request"],
    [true, true, "a-request"],
    [false, false, "a-request"],
  ]);
});

it("has what a write leaves behind wait for its turn again", async () => {
  const { lanes, start, storage, write } = aWriter();
  const { update: store } = storage;
  let later = () => {};
  Object.assign(storage, {
    update: (written: ReturnType<typeof folded>) => {
      const left = Promise.resolve();
      later = () => void left.then(() => write(folded()));
      return store(written);
    },
  });

  start(folded());
  await storage.storeAll();
  start(folded());
  start(folded());
  later();
  await settled();

  assert.ok(lanes[1]!.longest >= 1);
  Object.assign(storage, { update: store });
  await storage.storeAll();
});

it("folds the updates that wait while one is written", async () => {
  const { isIdle, outcomes, start, statistics, storage } = aWriter();

  start(folded({ body: { a: { b: 1 } } }));
  start(folded({ body: { a: { c: 2 } }, connectionId: "another" }));
  start(folded({ body: { a: { c: 3 } }, options: { requestId: "last" } }));
  storage.writing[0]?.store();
  await settled();
  assert.deepEqual(storage.writing[0]?.updates[0]?.body, { a: { c: 3 } });
  assert.equal(storage.writing[0]?.updates[0]?.options.requestId, "last");
  await storage.storeAll();

  assert.deepEqual(outcomes, [
    {
      _id: "liia",
      _source: { _kuzzle_info: { author: "joe", createdAt: 1 }, a: { b: 1 } },
      _version: 2,
    },
    ...[2, 3].map((c) => ({
      _id: "liia",
      _source: { _kuzzle_info: { author: "joe", createdAt: 1 }, a: { c } },
      _version: 3,
    })),
  ]);
  assert.ok(isIdle());
  assert.equal(statistics.folds.sum, 2);
});

it("answers each of those folded with a document of its own", async () => {
  const { outcomes, start, storage } = aWriter();
  const options = { source: true };

  start(folded({ body: { a: 1 }, options }));
  start(folded({ body: { b: 2 }, options }));
  start(folded({ body: { c: 3 }, options }));
  await storage.storeAll();

  const [, one, other] = outcomes as { _source: Record<string, unknown> }[];
  assert.deepEqual(one, other);
  assert.deepEqual([one?._source["b"], one?._source["c"]], [2, 3]);
  assert.notEqual(one?._source, other?._source);
});

it("folds no updates that differ in user or options", async () => {
  for (const changes of [
    { kuid: "jane" },
    { options: { silent: true } },
    { options: { source: true } },
    { options: { retryOnConflict: 1 } },
  ]) {
    const { start, storage } = aWriter();
    start(folded());
    start(folded());
    start(folded({ connectionId: "another", ...changes }));
    storage.writing[0]?.store();
    await settled();
    storage.writing[0]?.store();
    await settled();

    const [update] = storage.writing[0]?.updates ?? [];
    assert.deepEqual(update, folded({ connectionId: "another", ...changes }));
    await storage.storeAll();
  }
});

it("does not have an update overtake another of its connection", async () => {
  const { start, storage } = aWriter();
  const update = (n: number, changes = {}) =>
    folded({ body: { n }, options: { silent: n % 2 === 1 }, ...changes });

  start(update(0));
  start(update(0, { body: { first: true } }));
  start(update(1));
  start(update(2));
  start(update(4, { connectionId: "another" }));
  storage.writing[0]?.store();
  await settled();

  // 2 comes by the connection of 1, which cannot be folded; 4 does not.
  assert.deepEqual(storage.writing[0]?.updates[0]?.body, {
    first: true,
    n: 4,
  });
  await storage.storeAll();
});

it("begins another fold with changes that have no sum with those before", async () => {
  const { start, storage } = aWriter();

  start(folded());
  start(folded({ body: { a: 1 } }));
  start(folded({ body: { a: { b: 2 } } }));
  storage.writing[0]?.store();
  await settled();

  assert.deepEqual(storage.writing[0]?.updates[0]?.body, { a: 1 });
  await storage.storeAll();
});

it("stores changes that nest too deep by themselves", async () => {
  const { outcomes, start, storage } = aWriter();
  let deep = {};
  for (let depth = 0; depth < 1_000; depth++) {
    deep = { deep };
  }

  start(folded());
  start(folded({ body: deep }));
  start(folded());
  storage.writing[0]?.store();
  await settled();
  assert.equal(storage.writing[0]?.updates[0]?.body, deep);
  await storage.storeAll();
  assert.equal(outcomes.includes("pending"), false);
});

it("tells subscribers of a fold what its updates have in common", async () => {
  const volatileOf = async (...volatiles: (object | null)[]) => {
    const { start, storage } = aWriter();
    start(folded());
    volatiles.forEach((volatile) => start(folded({ options: { volatile } })));
    storage.writing[0]?.store();
    await settled();
    const { options } = storage.writing[0]?.updates[0] ?? {};
    await storage.storeAll();
    return options?.volatile;
  };
  const sdk = { sdkName: "js@7" };

  assert.deepEqual(
    await volatileOf(
      { ...sdk, sdkInstanceId: "a" },
      { ...sdk, sdkInstanceId: "b" },
    ),
    sdk,
  );
  assert.deepEqual(await volatileOf(sdk, sdk), sdk);
  assert.equal(await volatileOf(null, null), null);
  assert.equal(await volatileOf(sdk, null), null);
});

it("has a bad update of a fold harm its own client alone", async () => {
  const { isIdle, outcomes, start, storage } = aWriter();
  const error = new BadRequestError("native", "native.error", 1);

  for (let n = 0; n < 9; n++) {
    start(folded({ body: { [`update-${n}`]: true } }));
  }
  while (storage.writing.length > 0) {
    const [write] = storage.writing;
    if (write?.updates[0]?.body["update-5"]) {
      write.fail(error);
    } else {
      write?.store();
    }
    await settled();
  }

  assert.deepEqual(
    outcomes.map((outcome) => outcome === error),
    outcomes.map((_, n) => n === 5),
  );
  assert.ok(isIdle());
});

it("has all of a fold fail of its error once they have waited too long", async () => {
  const { isIdle, outcomes, start, storage } = aWriter({
    lane: { maxPending: 100, maxWait: 20 },
  });
  const error = new BadRequestError("native", "native.error", 1);

  for (let n = 0; n < 3; n++) {
    start(folded({ body: { n } }));
  }
  storage.writing[0]?.store();
  await settled();
  await new Promise((resolve) => setTimeout(resolve, 50));
  storage.writing[0]?.fail(error);
  await settled();

  assert.deepEqual(outcomes.slice(1), [error, error]);
  assert.ok(isIdle());
});

it("folds no update that waits for the refresh", async () => {
  const { lanes, start, storage } = aWriter();

  start(folded({ options: { refresh: "wait_for" } }));
  start(folded({ options: { refresh: "wait_for" } }));

  assert.equal(storage.writing.length, 2);
  assert.equal(lanes[1]?.count, 0);
  await storage.storeAll();
});

it("groups the updates that arrive while others are written", async () => {
  const { outcomes, start, statistics, storage } = aWriter();

  for (const _id of ["1", "3", "4", "3"]) {
    start(grouped({ _id, body: { _id }, options: { source: _id === "4" } }));
  }
  assert.deepEqual(storage.writing.map(ids), [["1"]]);

  storage.writing[0]?.store();
  await settled();
  assert.deepEqual(storage.writing.map(ids), [["3", "4"]]);

  await storage.storeAll();
  assert.deepEqual(
    outcomes.map((document) => (document as { _id: string })._id),
    ["1", "3", "4", "3"],
  );
  assert.deepEqual(statistics.groups.cumulative.slice(0, 2), [
    [1, 2],
    [2, 3],
  ]);
});

it("groups no updates that differ in user or options, or in what subscribers are told", async () => {
  const one = { _id: "3" };
  for (const [changes, isOneGroup] of [
    [{}, true],
    [{ kuid: "jane" }, false],
    [{ index: "iot2", collection: "group" }, false],
    [{ options: { silent: true } }, false],
    [{ options: { retryOnConflict: 1 } }, false],
    [{ options: { volatile: { trace: 1 } } }, false],
  ] as const) {
    const { start, storage } = aWriter({ groupCommit: ["*/*"] });
    start(grouped({ _id: "1" }));
    start(grouped(one));
    start(grouped({ _id: "4", ...changes }));
    storage.writing[0]?.store();
    await settled();
    const groups = storage.writing.map(ids);
    assert.equal(
      groups.some((group) => group.includes("3") && group.includes("4")),
      isOneGroup,
      JSON.stringify(changes),
    );
    await storage.storeAll();
  }
});

it("groups silent updates whatever their volatile", async () => {
  const { start, storage } = aWriter();
  for (const _id of ["1", "3", "4"]) {
    start(grouped({ _id, options: { silent: true, volatile: { _id } } }));
  }
  storage.writing[0]?.store();
  await settled();

  assert.deepEqual(storage.writing.map(ids), [["3", "4"]]);
  await storage.storeAll();
});

it("stores an update of a group that fails again by itself, with its native error", async () => {
  const { outcomes, start, storage } = aWriter();
  const error = new BadRequestError("native", "native.error", 1);

  for (const _id of ["1", "3", "4"]) {
    start(grouped({ _id }));
  }
  // The one that found none written, then by itself; then those that waited.
  storage.writing[0]?.fail(aConflict());
  await settled();
  assert.deepEqual(storage.writing.map(ids), [["1"]]);
  storage.writing[0]?.fail(error);
  await settled();
  assert.deepEqual(storage.writing.map(ids), [["3", "4"]]);
  storage.writing[0]?.fail(aConflict());
  await settled();
  assert.deepEqual(storage.writing.map(ids), [["3"], ["4"]]);
  storage.writing[0]?.fail(error);
  storage.writing[0]?.fail(aConflict("4"));
  await settled();
  await storage.storeAll();

  assert.equal(outcomes[0], error);
  assert.equal(outcomes[1], error);
  assert.equal((outcomes[2] as { _id: string })._id, "4");
});

it("has an update wait for the one before it of its document, that is tried by itself", async () => {
  const { start, storage } = aWriter();
  start(grouped({ body: { number: 0 } }));
  start(grouped({ body: { number: 1 } }));
  const numbers = () =>
    storage.writing.map(({ updates }) => updates[0]?.body["number"] as unknown);

  storage.writing[0]?.fail(new Error("of the bulk write"));
  await settled();
  assert.deepEqual(numbers(), [0]);
  storage.writing[0]?.store();
  await settled();
  assert.deepEqual(numbers(), [1]);
  await storage.storeAll();
});

it("groups as many as a client may write at once", async () => {
  const limited = async (documentsWriteCount: number) => {
    kuzzle.limits = { documentsWriteCount };
    const { start, storage } = aWriter();
    for (let _id = 0; _id < 300; _id++) {
      start(grouped({ _id: String(_id) }));
    }
    storage.writing[0]?.store();
    await settled();
    const sizes = storage.writing.map((write) => ids(write).length);
    await storage.storeAll();
    return sizes;
  };

  assert.deepEqual(await limited(200), [200]);
  assert.deepEqual(await limited(0), [299]);
});

it("groups nothing that a bulk write would not do as an update does", async () => {
  const isGrouped = async (changes = {}) => {
    const { start, storage } = aWriter();
    for (const _id of ["1", "2"]) {
      start(grouped({ _id, body, ...changes }));
    }
    const { length } = storage.writing;
    await storage.storeAll();
    return length < 2;
  };

  assert.ok(await isGrouped());
  assert.ok(await isGrouped({ options: { refresh: "false" } }));
  for (const options of [
    { refresh: "wait_for" },
    { refresh: "true" },
    { retryOnConflict: "3" },
    { retryOnConflict: -1 },
    { retryOnConflict: 0.5 },
  ]) {
    assert.ok(!(await isGrouped({ options })), JSON.stringify(options));
  }

  kuzzle.specifications = { iot: { other: {} } };
  assert.ok(await isGrouped());
  kuzzle.specifications = { iot: { group: {} } };
  assert.ok(!(await isGrouped()));
  kuzzle.specifications = {};

  for (const event of [
    "generic:document:injectMetadata",
    "generic:document:*",
  ]) {
    kuzzle.pluginPipes.set(event, [() => {}]);
    assert.ok(!(await isGrouped()), event);
    kuzzle.pluginPipes.clear();
    kuzzle.hooks.add(event);
    assert.ok(!(await isGrouped()), event);
    kuzzle.hooks.clear();
  }
});

it("has the folds of several documents leave as a group", async () => {
  const { start, storage } = aWriter();
  for (const n of [1, 2, 3]) {
    for (const _id of ["1", "2", "3", "4"]) {
      const changes = { _id, body: { [`update-${n}`]: true } };
      start(folded({ collection: "foldgroup", ...changes }));
    }
  }
  storage.writing[0]?.store();
  await settled();
  storage.writing[0]?.store();
  await settled();

  assert.ok(
    storage.writing.some(({ updates }) =>
      updates.every(({ body }) => body["update-2"] && body["update-3"]),
    ),
  );
  await storage.storeAll();
});
