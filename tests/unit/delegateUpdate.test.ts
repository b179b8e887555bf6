import assert from "node:assert/strict";
import { it } from "node:test";

import type { EmbeddedSDK } from "kuzzle";

import { UpdateStatistics } from "../../lib/statistics/UpdateStatistics";
import { delegateTo } from "../../lib/write/delegateUpdate";
import { anUpdate } from "../support/aWrite";

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
        query: async (...args: unknown[]) => queries.push(args),
      };
      last.query = (...args) => impersonating.query(...args);
      return impersonating;
    },
  };
  const last: { query?: (...args: unknown[]) => Promise<unknown> } = {};
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
  // Where the embedded SDK adds nothing to it.
  volatile: { callersVolatile: { trace: 1 }, trace: 1 },
};

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
      options,
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

it("gives the SDK options as a part of the request, which it would make of them", async () => {
  const { delegate, last, queries } = aDelegate(async () => ({}));
  await delegate.update(update);

  await last.query?.({ _id: "liia", silent: undefined }, { silent: true });

  assert.deepEqual(queries, [[{ _id: "liia", silent: true }]]);
});
