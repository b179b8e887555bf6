import assert from "node:assert/strict";
import { afterEach, it, mock } from "node:test";

import { KuzzleRequest } from "kuzzle";
import MemoryStorageController from "kuzzle/dist/lib/api/controllers/memoryStorageController";

import {
  RequestKeys,
  type KeyedRequest,
} from "../../../lib/change/RequestKeys";
import type { RequestEntry } from "../../../lib/change/RequestEntry";
import { settled } from "../../support/aWrite";
import { commandOf, FakeRedis } from "../../support/FakeRedis";

const LEASE = 30_000;
const LONGEST = 600_000;
const DAY = 86_400_000;
const HERE = { primaryTerm: 1, seqNo: 7 };
const stored = { _id: "liia", _source: { seats: 4 }, _version: 3 };

afterEach(() => {
  mock.restoreAll();
  mock.timers.reset();
});

/** A Redis, and nodes of a cluster that share it. */
function aCluster({ ttl = DAY } = {}) {
  const redis = new FakeRedis();
  const begin = (request: Partial<KeyedRequest> = {}) =>
    // Each request is served by another node.
    new RequestKeys(redis, { lease: LEASE, longest: LONGEST, ttl }).begin({
      kuid: "joe",
      payload: { changes: {}, operators: { increment: { seats: 1 } } },
      requestKey: "a-key",
      ...request,
    });
  const take = async (request?: Partial<KeyedRequest>) => {
    const begun = await begin(request);
    assert.ok("entry" in begun, "it was answered");
    return begun.entry;
  };
  const takeOver = () => {
    redis.now += LEASE;
    return take();
  };

  return { begin, redis, take, takeOver };
}

/** Advances the clocks of Redis and of this process together. */
function aClock(redis: FakeRedis) {
  let now = 0;
  mock.method(performance, "now", () => now);
  mock.timers.enable({ apis: ["setInterval"] });
  const STEP = 1_000;

  return async (ms: number) => {
    for (let passed = 0; passed < ms; passed += STEP) {
      now += STEP;
      redis.now += STEP;
      mock.timers.tick(STEP);
      await settled();
    }
  };
}

const failsWith = (name: string, promise: Promise<unknown>, cause?: unknown) =>
  assert.rejects(promise, (error: Error & { id?: string }) => {
    assert.equal(error.id, `plugin.document-update.${name}`);
    if (cause !== undefined) {
      assert.equal(error.cause, cause);
    }
    return true;
  });

const throws = (error: unknown, promise: Promise<never>) =>
  assert.rejects(promise, (thrown) => thrown === error);

async function carryOut(entry: RequestEntry): Promise<void> {
  await entry.write(HERE);
  await entry.done(stored);
}

it("answers each repeat as the first request, on whichever node", async () => {
  const { begin, redis, take } = aCluster();
  const entry = await take();
  assert.equal(entry.mustBeAt, undefined);
  await carryOut(entry);

  assert.deepEqual(await begin(), { answer: stored });
  redis.now += DAY - 1;
  assert.deepEqual(await begin(), { answer: stored });
});

it("remembers a key for its time, from the last step of its request", async () => {
  const { begin, redis, take } = aCluster({ ttl: 5_000 });
  const entry = await take();
  redis.now = 4_000;
  await carryOut(entry);

  redis.now = 8_999;
  assert.deepEqual(await begin(), { answer: stored });
  redis.now = 9_000;
  await take();
});

it("keeps the keys of users apart", async () => {
  const { take } = aCluster();

  await take();
  await take({ kuid: "ann" });
  await take({ requestKey: "another" });
  await take({ kuid: '"', requestKey: "x" });
  await take({ kuid: "", requestKey: '"x' });
});

it("refuses a key that another payload has, under way or done", async () => {
  const { begin, take } = aCluster();
  const other = { payload: { operators: { increment: { seats: 2 } } } };

  const entry = await take();
  await failsWith("request_key_reused", begin(other));
  await carryOut(entry);
  await failsWith("request_key_reused", begin(other));
});

it("refuses a repeat while the first request is under way", async () => {
  const { begin, redis, take } = aCluster();
  const entry = await take();

  await failsWith("request_pending", begin());
  redis.now += LEASE - 1;
  await failsWith("request_pending", begin());
  await entry.write(HERE);
  redis.now += LEASE - 1;
  await failsWith("request_pending", begin());
});

it("lets one of two that come at once begin", async () => {
  const { begin } = aCluster();

  const begun = await Promise.allSettled([begin(), begin()]);

  assert.deepEqual(begun.map(({ status }) => status).sort(), [
    "fulfilled",
    "rejected",
  ]);
});

it("lets a repeat take over before anything was sent, and stops the first", async () => {
  const { begin, take, takeOver } = aCluster();
  const first = await take();
  const second = await takeOver();

  assert.equal(second.mustBeAt, undefined);
  await failsWith("request_pending", first.write(HERE));
  await failsWith("request_pending", first.unchanged(stored));
  await failsWith("request_pending", first.free(new Error("refused")));
  await carryOut(second);
  assert.deepEqual(await begin(), { answer: stored });
});

it("lets a repeat take over a started write, and send only that one", async () => {
  for (const elsewhere of [
    { ...HERE, seqNo: 8 },
    { ...HERE, primaryTerm: 2 },
  ]) {
    const { begin, take, takeOver } = aCluster();
    const first = await take();
    await first.write({ primaryTerm: 1, seqNo: 6 });
    await first.write(HERE);
    const second = await takeOver();

    assert.deepEqual(second.mustBeAt, HERE);
    await failsWith("request_outcome_unknown", second.write(elsewhere));
    await second.write(HERE);
    await failsWith("request_pending", first.write(elsewhere));
    await second.done(stored);
    assert.deepEqual(await begin(), { answer: stored });
  }
});

it("keeps the answer of the first request if it was stored after the takeover", async () => {
  const { begin, take, takeOver } = aCluster();
  const first = await take();
  await first.write(HERE);
  const second = await takeOver();
  await second.write(HERE);

  await first.done(stored);

  assert.deepEqual(await begin(), { answer: stored });
  await failsWith("request_pending", second.write(HERE));
  const conflict = new Error("conflict");
  await throws(conflict, second.leave(conflict));
  assert.deepEqual(await begin(), { answer: stored });
});

it("frees the key after a certain failure, also for another payload", async () => {
  const { begin, take } = aCluster();
  const refused = new Error("refused");
  const first = await take();
  await first.write(HERE);

  await throws(refused, first.free(refused));

  const second = await take({ payload: "another" });
  assert.equal(second.mustBeAt, undefined);
  await failsWith("request_key_reused", begin());
});

it("reports no failure while an earlier write may be stored", async () => {
  const { take, takeOver } = aCluster();
  const first = await take();
  await first.write(HERE);
  const second = await takeOver();
  const refused = new Error("refused");

  await failsWith("request_outcome_unknown", second.free(refused), refused);

  // Nobody has to wait to learn it again.
  const third = await take();
  assert.deepEqual(third.mustBeAt, HERE);
  await failsWith("request_outcome_unknown", third.unchanged(stored));
});

it("leaves a request of unknown outcome to its next repeat, without a wait", async () => {
  const { take } = aCluster();
  const gone = new Error("gone");
  const first = await take();
  await first.write(HERE);

  await throws(gone, first.leave(gone));

  assert.deepEqual((await take()).mustBeAt, HERE);
});

it("keeps the answer of a request that had nothing to store", async () => {
  const { begin, take } = aCluster();
  const entry = await take();

  await entry.unchanged(stored);

  assert.deepEqual(await begin(), { answer: stored });
});

it("keeps only _id and _version of an answer that is too large", async () => {
  const _source = { name: "a".repeat(1_000_000) };
  const answer = { ...stored, _source };
  const { begin, take } = aCluster();

  await (await take()).done(answer);
  await (await take({ kuid: "ann" })).unchanged(answer);

  const kept = { answer: { _id: "liia", _version: 3 } };
  assert.deepEqual(await begin(), kept);
  assert.deepEqual(await begin({ kuid: "ann" }), kept);
});

it("refuses an invalid key", async () => {
  const { begin, redis, take } = aCluster();

  for (const requestKey of [undefined, null, 5, "", ["a"], "a".repeat(256)]) {
    await failsWith("invalid_request_key", begin({ requestKey }));
  }
  assert.equal(redis.received.length, 0);
  await take({ requestKey: "\u{10ffff}\ud800".padEnd(255) });
});

it("refuses the key of a user who is not logged in", async () => {
  const { begin } = aCluster();

  await failsWith("invalid_request_key", begin({ kuid: "-1" }));
});

it("refuses a request that Redis cannot store, whether Redis fails before or after", async () => {
  const down = new Error("down");
  const failures: FakeRedis["through"][] = [
    () => Promise.reject(down),
    async (run) => Promise.reject(run() && down),
    async (run) => run().map(([, result]) => [down, result]),
  ];
  for (const failing of failures) {
    const { begin, redis, take, takeOver } = aCluster();
    const { through } = redis;

    redis.through = failing;
    await failsWith("request_keys_unavailable", begin(), down);
    redis.through = through;
    const entry = await take();
    redis.through = failing;
    await failsWith("request_keys_unavailable", entry.write(HERE), down);
    await failsWith("request_keys_unavailable", entry.unchanged(stored), down);
    await failsWith("request_keys_unavailable", entry.free("an error"), down);
    await assert.rejects(entry.leave("an error"), /^an error$/);

    redis.through = through;
    await carryOut(await takeOver());
  }
});

it("answers a stored change even if Redis does not keep the answer, and later reports it as unknown", async () => {
  const { redis, take, takeOver } = aCluster();
  const { through } = redis;
  const first = await take();
  await first.write(HERE);

  redis.through = () => Promise.reject(new Error("down"));
  await first.done(stored);

  redis.through = through;
  const second = await takeOver();
  await failsWith(
    "request_outcome_unknown",
    second.write({ ...HERE, seqNo: 8 }),
  );
});

it("does not wait long for Redis, and leaves no timer behind", async () => {
  const timers = () =>
    process.getActiveResourcesInfo().filter((name) => name === "Timeout");
  const before = timers().length;
  const { begin, redis, take } = aCluster();
  await take();
  assert.equal(timers().length, before);

  mock.timers.enable({ apis: ["setTimeout"] });
  redis.through = () => new Promise(() => {});
  let isOver = false;
  const beginning = begin().finally(() => (isOver = true));
  beginning.catch(() => {});
  await settled();
  mock.timers.tick(999);
  await settled();
  assert.equal(isOver, false);
  mock.timers.tick(1);

  await failsWith("request_keys_unavailable", beginning);
});

it("stops if Redis has lost the key, even if another request has started with it", async () => {
  const { redis, take } = aCluster();
  const first = await take();
  await first.write(HERE);

  redis.hashes.clear();
  await failsWith("request_pending", first.write({ ...HERE, seqNo: 8 }));

  redis.hashes.clear();
  const second = await take();
  await failsWith("request_pending", first.write({ ...HERE, seqNo: 8 }));
  await failsWith("request_pending", second.write({ ...HERE, seqNo: 8 }));
});

it("is not taken over, however long it takes", async () => {
  const { begin, redis, take } = aCluster();
  const entry = await take();
  const pass = aClock(redis);
  let end: (answer: string) => void = () => {};

  const running = entry.hold(() => new Promise((resolve) => (end = resolve)));
  for (let lease = 0; lease < 10; lease++) {
    if (lease === 5) {
      await entry.write(HERE);
    }
    await pass(LEASE);
    await failsWith("request_pending", begin());
  }
  end("an answer");
  assert.equal(await running, "an answer");

  // Its node has stopped working on it.
  await pass(LEASE);
  assert.ok("entry" in (await begin()));
});

it("is taken over after the longest time that a request can take", async () => {
  const { begin, redis, take } = aCluster();
  const entry = await take();
  const pass = aClock(redis);

  void entry.hold(() => new Promise(() => {}));
  await pass(LONGEST);
  await failsWith("request_pending", begin());
  await pass(LEASE);

  assert.ok("entry" in (await begin()));
});

it("is taken over if its node does not reach Redis, but goes on", async () => {
  const { begin, redis, take } = aCluster();
  const { through } = redis;
  const entry = await take();
  const pass = aClock(redis);

  const running = entry.hold(async () => {
    redis.through = () => Promise.reject(new Error("down"));
    await pass(LEASE);
    redis.through = through;
    throw new Error("of the request");
  });

  await assert.rejects(running, /of the request/);
  assert.ok("entry" in (await begin()));
});

it("uses the time for which the key was stored, if nodes are configured differently", async () => {
  const { redis, take } = aCluster({ ttl: DAY });
  await take();

  const another = new RequestKeys(redis, {
    lease: LEASE,
    longest: LONGEST,
    ttl: 2 * DAY,
  });
  const request = {
    kuid: "joe",
    payload: { operators: { increment: { seats: 1 } }, changes: {} },
    requestKey: "a-key",
  };
  await failsWith("request_pending", another.begin(request));
  redis.now += LEASE;
  assert.ok("entry" in (await another.begin(request)));
});

it("does not accumulate memory", async () => {
  const { redis, take } = aCluster();

  for (let seqNo = 0; seqNo < 100; seqNo++) {
    const entry = await take();
    await entry.write({ primaryTerm: 1, seqNo });
    await assert.rejects(entry.free(new Error("refused")));
  }

  assert.equal(redis.fields.size, 2);
});

it("sends commands that Kuzzle's own controller accepts", async () => {
  const { begin, redis, take } = aCluster();
  await carryOut(await take());
  await begin();
  let commands: unknown;
  Object.defineProperty(globalThis, "kuzzle", {
    configurable: true,
    value: {
      ask: async (_event: string, asked: unknown) => (commands = asked),
      pipe: () => {},
    },
  });
  const controller = new MemoryStorageController() as unknown as {
    mexecute(request: KuzzleRequest): Promise<unknown>;
  };

  const body = { actions: JSON.parse(JSON.stringify(redis.received)) };
  await controller.mexecute(new KuzzleRequest({ body }));

  assert.deepEqual(commands, redis.received.map(commandOf));
  Reflect.deleteProperty(globalThis, "kuzzle");
});
