import assert from "node:assert/strict";
import { beforeEach, it } from "node:test";

import type { EmbeddedSDK, JSONObject } from "kuzzle";

import { UpdateStatistics } from "../../lib/statistics/UpdateStatistics";
import { delegateTo } from "../../lib/write/delegateUpdate";
import { volatileOfGroup } from "../../lib/write/groupNotification";
import { anUpdate } from "../support/aWrite";
import { FakeKuzzle } from "../support/fakeKuzzle";

const update = anUpdate({
  options: { silent: true, volatile: { trace: 1 } },
});
const { body } = update;

function aDelegate(answer: () => Promise<unknown>, retryOnConflict = 10) {
  const calls: unknown[][] = [];
  const impersonations: unknown[][] = [];
  const called =
    (action: string) =>
    (...args: unknown[]) => {
      calls.push([action, ...args]);
      return answer();
    };
  const queries: unknown[][] = [];
  const sdk = {
    as: (...impersonation: unknown[]) => {
      impersonations.push(impersonation);
      const impersonating = {
        document: { mUpdate: called("mUpdate"), update: called("update") },
      };
      last.sdk = impersonating as unknown as EmbeddedSDK;
      return impersonating;
    },
    protocol: { query: async (...args: unknown[]) => queries.push(args) },
  };
  const last: { sdk?: EmbeddedSDK } = {};
  const statistics = new UpdateStatistics();
  const delegate = delegateTo(
    sdk as unknown as EmbeddedSDK,
    retryOnConflict,
    statistics,
  );

  return { calls, delegate, impersonations, last, queries, statistics };
}

const options = {
  requestId: "a-request",
  retryOnConflict: 10,
  silent: true,
  source: false,
  timestamp: 1,
  volatile: { trace: 1 },
};

beforeEach(() => {
  new FakeKuzzle();
});

it("updates the document on behalf of the caller, with the options as they are", async () => {
  const { calls, delegate, impersonations } = aDelegate(async () => ({
    _id: "liia",
  }));

  assert.deepEqual(await delegate.update(update), { _id: "liia" });
  assert.deepEqual(impersonations, [[{ _id: "joe" }, { checkRights: false }]]);
  assert.deepEqual(calls, [
    ["update", "nyc-open-data", "yellow-taxi", "liia", body, options],
  ]);
});

it("tries again after a conflict as often as the client says, else as configured, else as Kuzzle does", async () => {
  const retries = async (asked: unknown, configured: number) => {
    const { calls, delegate } = aDelegate(async () => ({}), configured);
    await delegate.update(anUpdate({ options: { retryOnConflict: asked } }));
    return (calls[0]?.[5] as { retryOnConflict?: unknown }).retryOnConflict;
  };

  assert.equal(await retries(3, 10), 3);
  assert.equal(await retries(0, 10), 0);
  assert.equal(await retries("abc", 10), "abc");
  assert.equal(await retries(undefined, 10), 10);
  assert.equal(await retries(null, 10), 10);
  assert.equal(await retries(undefined, 0), undefined);
});

it("updates several documents with the options of the first, and returns those that were stored", async () => {
  const { calls, delegate } = aDelegate(async () => ({
    errors: [{ reason: "document not found" }],
    successes: [{ _id: "liia", _source: { a: 1 }, _version: 2, status: 200 }],
  }));

  assert.deepEqual(
    await delegate.mUpdate([update, anUpdate({ _id: "lea", body: { a: 1 } })]),
    [{ _id: "liia", _source: { a: 1 }, _version: 2 }],
  );
  assert.deepEqual(calls, [
    [
      "mUpdate",
      "nyc-open-data",
      "yellow-taxi",
      [
        { _id: "liia", body },
        { _id: "lea", body: { a: 1 } },
      ],
      { ...options, volatile: volatileOfGroup({ trace: 1 }) },
    ],
  ]);
  assert.deepEqual(await delegate.mUpdate([]), []);
});

it("builds the SDK of a user once, and keeps no more of them than it may", async () => {
  const { delegate, impersonations } = aDelegate(async () => ({}));
  const users = Array.from({ length: 1_001 }, (_, n) => `user-${n}`);

  await delegate.update(anUpdate({ kuid: "user-0" }));
  for (const kuid of users) {
    await delegate.update(anUpdate({ kuid }));
  }
  assert.equal(impersonations.length, 1_001);

  await delegate.update(anUpdate({ kuid: "user-1000" }));
  assert.equal(impersonations.length, 1_001);
  await delegate.update(anUpdate({ kuid: "user-0" }));
  assert.equal(impersonations.length, 1_002);
});

it("lets the native error pass untouched, and counts how long it took", async () => {
  const error = new Error("native");
  const { delegate, statistics } = aDelegate(() => Promise.reject(error));

  await assert.rejects(delegate.update(update), (found) => found === error);
  assert.deepEqual(statistics.delegate.cumulative.at(-1), [Infinity, 1]);
});

it("has the SDK hand the request to Kuzzle as it is, with its options and the user", async () => {
  const { delegate, last, queries } = aDelegate(async () => ({}));
  await delegate.update(update);

  const request = { action: "update", body, controller: "document" };
  await last.sdk?.query({ ...request, propagate: false }, { propagate: true });

  assert.deepEqual(queries, [
    [{ ...request, __kuid__: "joe", propagate: true }],
  ]);
  const [handed] = queries[0] as unknown as [typeof request];
  assert.equal(handed.body, body);
});

it("gives a pipe a body of its own to change, and nobody else's", async () => {
  const storedBody = async () => {
    const { calls, delegate } = aDelegate(async () => ({}));
    await delegate.update(update);
    return calls[0]?.[4];
  };
  assert.equal(await storedBody(), body);

  new FakeKuzzle().hooks.add("generic:document:injectMetadata");
  assert.notEqual(await storedBody(), body);
  assert.deepEqual(await storedBody(), body);
});

it("gives it what JSON makes of the body, or fails as JSON does", async () => {
  new FakeKuzzle().hooks.add("generic:document:injectMetadata");
  const { calls, delegate } = aDelegate(async () => ({}));
  const url = new URL("https://kuzzle.io/");

  await delegate.update(anUpdate({ body: { call: () => {}, url } }));
  assert.deepEqual(calls[0]?.[4], { url: "https://kuzzle.io/" });

  const circular: JSONObject = {};
  circular["itself"] = circular;
  await assert.rejects(delegate.update(anUpdate({ body: circular })), {
    message: /circular/,
  });
});

it("lets no client set the metadata by a bulk write, and leaves its body as it is", async () => {
  const { calls, delegate } = aDelegate(async () => ({ successes: [] }));
  const changes = { _kuzzle_info: { author: "forged" }, a: 1 };

  await delegate.mUpdate([anUpdate({ body: changes })]);

  const [sent] = calls[0]?.[3] as { body: unknown }[];
  assert.deepEqual(sent?.body, { a: 1 });
  assert.ok("_kuzzle_info" in changes);
});
