import assert from "node:assert/strict";
import { afterEach, it, mock } from "node:test";

import { BadRequestError, KuzzleRequest } from "kuzzle";
import MemoryStorageController from "kuzzle/dist/lib/api/controllers/memoryStorageController";

import { pluginError } from "../../../lib/errors";
import { KeyedRun, RequestKeys } from "../../../lib/request/requestKeys";
import { settled } from "../../support/aWrite";
import { aRequest, FakeKuzzle } from "../../support/fakeKuzzle";
import { commandOf, FakeRedis } from "../../support/FakeRedis";

const LEASE = 30_000;
const MAX_WAIT = 60_000;
/** How long a request can take at most: it waits, and its last try takes eight minutes. */
const LONGEST = 600_000;
const DAY = 86_400_000;
const HERE = { primaryTerm: 1, seqNo: 7 };
const ELSEWHERE = { ...HERE, seqNo: 8 };
const stored = { _id: "liia", _source: { seats: 4 }, _version: 3 };
const PAYLOAD = { changes: {}, operators: { increment: { seats: 1 } } };

afterEach(() => {
  mock.restoreAll();
  mock.timers.reset();
});

interface Asked {
  readonly kuid?: string | null;
  readonly payload?: unknown;
  readonly requestKey?: unknown;
}

/** A Redis, and nodes of a cluster that share it. */
function aCluster({ ttl = DAY } = {}) {
  new FakeKuzzle();
  const redis = new FakeRedis();
  const node = () => new RequestKeys(redis, MAX_WAIT, ttl);
  const begin = async (
    { kuid = "joe", payload = PAYLOAD, requestKey = "a-key" }: Asked = {},
    // Each request is served by another node.
    keys = node(),
  ) =>
    keys.begin(
      aRequest({ requestKey }, { user: kuid === null ? null : { _id: kuid } }),
      () => payload,
    );
  const take = async (asked?: Asked, keys?: RequestKeys) => {
    const begun = await begin(asked, keys);
    assert.ok(begun instanceof KeyedRun, "it was answered");
    return begun;
  };
  const takeOver = () => {
    redis.now += LEASE;
    return take();
  };

  return { begin, node, redis, take, takeOver };
}

/** Advances the clocks of Redis and of this process together. */
function aClock(redis: FakeRedis) {
  let now = 0;
  mock.method(performance, "now", () => now);
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

/** What a request has been answered. */
function answered(result: unknown, error?: Error): KuzzleRequest {
  const request = aRequest();
  request.setResult(result);
  if (error) {
    request.setError(error);
  }

  return request;
}

/** What a repeat of a request that succeeded is answered. */
const answer = (result: unknown) => ({ error: null, result });

/** Sends a write, which is stored. */
async function write(run: KeyedRun, at = HERE): Promise<typeof stored> {
  run.beforeTry();
  await run.beforeWrite(at);

  return stored;
}

async function carryOut(run: KeyedRun): Promise<void> {
  await run.run(() => write(run));
  await run.save(answered(stored));
}

/** A write that fails with an error. */
const failing = (run: KeyedRun, error: unknown) =>
  run.run(async () => {
    await write(run);
    throw error;
  });

const refused = new BadRequestError("refused", "app.refused", 1);
const gone = new Error("gone");

it("takes a request without a key for an ordinary one", async () => {
  const { node, redis } = aCluster();
  const request = aRequest();

  node().note(request, () => assert.fail());
  assert.equal(await node().begin(request, () => assert.fail()), undefined);
  assert.deepEqual(redis.received, []);
});

it("answers a repeat the error that came after the write", async () => {
  const { begin, redis, take } = aCluster();
  const run = await take();
  await run.run(() => write(run));
  await run.save(answered(stored, refused));

  const begun = await begin();
  assert.ok(begun && !(begun instanceof KeyedRun));
  assert.deepEqual(begun.result, stored);
  const { code, id, message, status } = begun.error!;
  assert.deepEqual(
    [code, id, message, status],
    [1, "app.refused", "refused", 400],
  );
  // It shows the inside of the application, and is not of this request.
  assert.ok(refused.stack);
  assert.doesNotMatch([...redis.fields.values()].join(), /stack/);
});

it("remembers a key for its time, from the last step of its request", async () => {
  const { begin, redis, take } = aCluster({ ttl: 5_000 });
  const run = await take();
  redis.now = 4_000;
  await carryOut(run);

  redis.now = 8_999;
  assert.deepEqual(await begin(), answer(stored));
  redis.now = 9_000;
  await take();
});

it("keeps the keys of users apart", async () => {
  const { take } = aCluster();

  await take();
  await take({ kuid: "ann" });
  await take({ requestKey: "another" });
  await take({ kuid: '"', requestKey: "x" });
  await take({ kuid: "x", requestKey: '"' });
});

it("lets a repeat take over before anything was sent, and stops the first", async () => {
  const { begin, take, takeOver } = aCluster();
  const first = await take();
  const second = await takeOver();

  await failsWith("request_pending", write(first));
  await failsWith(
    "request_pending",
    first.run(async () => stored),
  );
  await carryOut(second);
  assert.deepEqual(await begin(), answer(stored));
});

it("lets a repeat take over a started write, and send only that one", async () => {
  for (const elsewhere of [ELSEWHERE, { ...HERE, primaryTerm: 2 }]) {
    const { begin, take, takeOver } = aCluster();
    const first = await take();
    await write(first, { primaryTerm: 1, seqNo: 6 });
    await write(first);
    const second = await takeOver();

    await failsWith("request_outcome_unknown", write(second, elsewhere));
    await write(second);
    await failsWith("request_pending", write(first, elsewhere));
    await second.save(answered(stored));
    assert.deepEqual(await begin(), answer(stored));
  }
});

it("frees the key after a certain failure, also for another payload", async () => {
  const { begin, take } = aCluster();
  const first = await take();

  await assert.rejects(failing(first, refused), refused);
  // Nothing is saved of it.
  await first.save(answered(null, refused));

  await take({ payload: "another" });
  await failsWith("request_key_reused", begin());
});

it("frees the key of a request that was too late, and that sends nothing any more", async () => {
  const { begin, take } = aCluster();
  const run = await take();
  const late = pluginError("timed_out", "i", "c", "id", "its pipes");

  // It has been sent before, and has certainly conflicted.
  await run.beforeWrite(ELSEWHERE);
  await assert.rejects(failing(run, late), late);
  await failsWith("request_pending", run.beforeWrite(HERE));
  assert.ok((await begin()) instanceof KeyedRun);
});

it("frees the key where nothing was sent, whatever the error", async () => {
  const { take } = aCluster();
  const first = await take();

  await assert.rejects(
    first.run(async () => {
      await write(first);
      first.beforeTry();
      throw gone;
    }),
    gone,
  );

  await take({ payload: "another" });
});

it("reports no failure while an earlier write may be stored", async () => {
  const { take, takeOver } = aCluster();
  await write(await take());
  const second = await takeOver();

  await failsWith(
    "request_outcome_unknown",
    second.run(() => Promise.reject(refused)),
    refused,
  );

  // Nobody has to wait to learn it again.
  const third = await take();
  await failsWith(
    "request_outcome_unknown",
    third.run(async () => stored),
  );
});

it("leaves a request of unknown outcome to its next repeat, without a wait", async () => {
  const { take } = aCluster();
  const first = await take();

  await assert.rejects(failing(first, gone), gone);

  const second = await take();
  await failsWith("request_outcome_unknown", write(second, ELSEWHERE));
  await write(second);
});

it("keeps the answer of a request that had nothing to store", async () => {
  const { begin, take } = aCluster();
  const run = await take();

  assert.equal(await run.run(async () => stored), stored);
  await run.save(answered(stored));

  assert.deepEqual(await begin(), answer(stored));
});

it("keeps only _id and _version of an answer that is too large", async () => {
  const _source = { name: "a".repeat(1_000_000) };
  const { begin, take } = aCluster();

  const run = await take();
  await run.run(() => write(run));
  await run.save(answered({ ...stored, _source }));

  assert.deepEqual(await begin(), answer({ _id: "liia", _version: 3 }));
});

it("keeps _id and _version of the write where pipes have made another answer that it cannot keep", async () => {
  const circular: Record<string, unknown> = {};
  circular["itself"] = circular;
  for (const result of ["a".repeat(1_000_001), [1n], circular]) {
    const { begin, take } = aCluster();

    const run = await take();
    await run.run(() => write(run));
    await run.save(answered(result));

    assert.deepEqual(await begin(), answer({ _id: "liia", _version: 3 }));
  }
});

it("refuses an invalid key, and one without a user who is logged in", async () => {
  const { begin, redis, take } = aCluster();

  for (const requestKey of [5, "", ["a"], "a".repeat(256), false]) {
    await failsWith("invalid_request_key", begin({ requestKey }));
  }
  for (const kuid of ["-1", null]) {
    await failsWith("invalid_request_key", begin({ kuid }));
  }
  assert.equal(redis.received.length, 0);
  await take({ requestKey: "\u{10ffff}\ud800".padEnd(255) });
});

it("refuses a request that Redis cannot store, whether Redis fails before or after", async () => {
  const down = new Error("down");
  const failures: FakeRedis["through"][] = [
    () => Promise.reject(down),
    async (run) => Promise.reject(run() && down),
    async (run) => run().map(([, result]) => [down, result]),
  ];
  for (const through of failures) {
    const { begin, redis, take, takeOver } = aCluster();
    const own = redis.through;

    redis.through = through;
    await failsWith("request_keys_unavailable", begin(), down);
    redis.through = own;
    const run = await take();
    redis.through = through;
    await failsWith("request_keys_unavailable", write(run), down);
    await failsWith(
      "request_keys_unavailable",
      run.run(async () => stored),
      down,
    );

    redis.through = own;
    await carryOut(await takeOver());
  }
});

it("tells the client the error of an unknown outcome, also if Redis fails as well", async () => {
  const { redis, take, takeOver } = aCluster();
  const own = redis.through;
  const fail = () => Promise.reject(new Error("down"));
  const first = await take();

  await assert.rejects(
    first.run(async () => {
      await write(first);
      redis.through = fail;
      throw gone;
    }),
    gone,
  );
  redis.through = own;
  const second = await takeOver();
  redis.through = fail;
  await failsWith(
    "request_outcome_unknown",
    second.run(() => Promise.reject(refused)),
    refused,
  );
});

it("answers a stored change even if Redis does not keep the answer, and later reports it as unknown", async () => {
  const { redis, take, takeOver } = aCluster();
  const { through } = redis;
  const first = await take();
  await first.run(() => write(first));

  redis.through = () => Promise.reject(new Error("down"));
  await first.save(answered(stored));

  redis.through = through;
  await failsWith(
    "request_outcome_unknown",
    write(await takeOver(), ELSEWHERE),
  );
});

it("does not wait long for Redis, and leaves no timer behind", async () => {
  const timers = () =>
    process.getActiveResourcesInfo().filter((name) => name === "Timeout");
  const before = timers().length;
  const { begin, redis, take } = aCluster();
  await carryOut(await take());
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

/** A Redis that hangs until a test says so, after it has answered some transactions. */
function hanging(redis: FakeRedis, after = 0) {
  const own = redis.through;
  const waiting: (() => void)[] = [];
  let left = after;
  redis.through = (run) =>
    left-- > 0
      ? own(run)
      : new Promise((resolve) => waiting.push(() => resolve(run())));

  return {
    waiting,
    wakeUp: async () => {
      redis.through = own;
      waiting.splice(0).forEach((goOn) => goOn());
      for (let n = 0; n < 5; n++) {
        await settled();
      }
    },
  };
}

it("refuses at once while Redis hangs, after the first has waited, until it answers", async () => {
  mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  const { begin, node, redis, take } = aCluster();
  const pass = aClock(redis);
  const keys = node();
  const { waiting, wakeUp } = hanging(redis);

  const first = begin({}, keys);
  first.catch(() => {});
  await pass(2_000);
  await failsWith("request_keys_unavailable", first);
  await failsWith("request_keys_unavailable", begin({ requestKey: "b" }, keys));
  assert.equal(waiting.length, 1, "nothing more is sent");

  await wakeUp();
  await take({ requestKey: "b" }, keys);
});

/** A claim that Redis carries out after its time: its read is answered, and the claim is not. */
async function lateClaim() {
  mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  const cluster = aCluster();
  const pass = aClock(cluster.redis);
  const { through } = cluster.redis;
  const { waiting, wakeUp } = hanging(cluster.redis, 1);
  const late = cluster.take();
  late.catch(() => {});
  while (waiting.length === 0) {
    await settled();
  }
  await pass(2_000);
  await failsWith("request_keys_unavailable", late);

  return { ...cluster, through, wakeUp };
}

it("takes a claim back that Redis has carried out after its time, so that the key is free", async () => {
  const { take, wakeUp } = await lateClaim();

  await wakeUp();

  await take({ payload: "another" });
});

it("leaves the key to another request that has claimed it in between", async () => {
  const { begin, redis, take, through, wakeUp } = await lateClaim();

  redis.through = through;
  const run = await take();
  await wakeUp();
  await failsWith("request_pending", begin());
  await carryOut(run);
  assert.deepEqual(await begin(), answer(stored));
});

it("stops if Redis has lost the key, even if another request has started with it", async () => {
  const { redis, take } = aCluster();
  const first = await take();
  await write(first);

  redis.hashes.clear();
  await failsWith("request_pending", write(first, ELSEWHERE));

  redis.hashes.clear();
  const second = await take();
  await failsWith("request_pending", write(first, ELSEWHERE));
  await failsWith("request_pending", write(second, ELSEWHERE));
});

it("is not taken over, however long it takes", async () => {
  mock.timers.enable({ apis: ["setInterval"] });
  const { begin, redis, take } = aCluster();
  const pass = aClock(redis);
  const run = await take();
  let end: (answer: typeof stored) => void = () => {};

  const running = run.run(async () => {
    await write(run);
    return new Promise<typeof stored>((resolve) => (end = resolve));
  });
  for (let lease = 0; lease < 10; lease++) {
    await pass(LEASE);
    await failsWith("request_pending", begin());
  }
  end(stored);
  assert.equal(await running, stored);
  // Its after events.
  await pass(2 * LEASE);
  await failsWith("request_pending", begin());
  await run.save(answered(stored));

  await pass(LEASE);
  assert.deepEqual(await begin(), answer(stored));
});

it("is taken over after the longest time that a request can take", async () => {
  mock.timers.enable({ apis: ["setInterval"] });
  const { begin, redis, take } = aCluster();
  const pass = aClock(redis);
  const run = await take();

  void run.run(() => new Promise<typeof stored>(() => {}));
  await pass(LONGEST);
  await failsWith("request_pending", begin());
  await pass(LEASE);

  assert.ok((await begin()) instanceof KeyedRun);
});

it("is taken over if its node does not reach Redis, but goes on", async () => {
  mock.timers.enable({ apis: ["setInterval"] });
  const { begin, redis, take } = aCluster();
  const { through } = redis;
  const pass = aClock(redis);
  const run = await take();

  redis.through = () => Promise.reject(new Error("down"));
  await pass(LEASE);
  redis.through = through;

  assert.ok((await begin()) instanceof KeyedRun);
  await failsWith("request_pending", write(run));
});

it("uses the time for which the key was stored, if nodes are configured differently", async () => {
  const { begin, redis, take } = aCluster({ ttl: DAY });
  await take();

  const another = new RequestKeys(redis, MAX_WAIT, 2 * DAY);
  await failsWith("request_pending", begin({}, another));
  redis.now += LEASE;
  assert.ok((await begin({}, another)) instanceof KeyedRun);
});

it("does not accumulate memory", async () => {
  const { redis, take } = aCluster();

  for (let seqNo = 0; seqNo < 100; seqNo++) {
    const run = await take();
    await assert.rejects(failing(run, refused));
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
