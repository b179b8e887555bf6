import assert from "node:assert/strict";
import { afterEach, beforeEach, it, mock } from "node:test";

import type { JSONObject, Kuzzle } from "kuzzle-sdk";

import { DocumentUpdateController } from "../../lib/client";

const DOCUMENT = ["i", "c", "liia"] as const;

/** Longest pauses that were made, in ms. */
const pauses: number[] = [];

beforeEach(() => {
  pauses.length = 0;
  mock.method(Math, "random", () => 1);
  mock.method(globalThis, "setTimeout", (run: () => void, ms: number) => {
    pauses.push(ms);
    run();
  });
});
afterEach(() => mock.restoreAll());

/** @param errors what the first queries fail of, one after another */
function aKuzzle(...errors: readonly unknown[]) {
  const queries: unknown[][] = [];
  const failing = [...errors];
  let version = 0;
  const kuzzle = {
    document: {
      get: async (...target: readonly string[]) => ({
        _id: target.join("/"),
        _source: { seats: 4 },
        _version: ++version,
      }),
    },
    query: async (...args: unknown[]) => {
      queries.push(args);
      if (failing.length > 0) {
        throw failing.shift();
      }
      return { result: { _id: "liia" } };
    },
  };
  return { kuzzle: kuzzle as unknown as Kuzzle, queries };
}

const requests = (queries: readonly unknown[][]) =>
  queries.map(([request]) => request as JSONObject);

const mismatch = { id: "plugin.document-update.version_mismatch" };

it("sends the update to the plugin's controller and returns its result", async () => {
  const { kuzzle, queries } = aKuzzle();
  const options = { retryOnConflict: 3, silent: true, source: true };

  const result = await new DocumentUpdateController(kuzzle).update(
    "i",
    "c",
    "liia",
    { seats: 5 },
    options,
  );

  assert.deepEqual(result, { _id: "liia" });
  assert.deepEqual(queries, [
    [
      {
        _id: "liia",
        action: "update",
        body: { seats: 5 },
        collection: "c",
        controller: "document-update",
        dryRun: undefined,
        ifVersion: undefined,
        index: "i",
        skipUnchanged: undefined,
        ...options,
      },
      options,
    ],
  ]);
});

it("sends the arguments that native updates do not have", async () => {
  const { kuzzle, queries } = aKuzzle();
  const options = { dryRun: true, ifVersion: 3, skipUnchanged: true };

  await new DocumentUpdateController(kuzzle).update(
    ...DOCUMENT,
    { seats: 5 },
    options,
  );

  assert.deepEqual({ ...requests(queries)[0], ...options }, queries[0]![0]);
});

it("sends a modification, with its requestKey", async () => {
  const { kuzzle, queries } = aKuzzle();
  const body = { operators: { increment: { seats: 1 } } };
  const asked = { dryRun: true, ifVersion: 3, skipUnchanged: true };
  const options = { ...asked, requestKey: "k", silent: true, source: true };

  const controller = new DocumentUpdateController(kuzzle);
  const result = await controller.modify(...DOCUMENT, body, options);
  await controller.modify(...DOCUMENT, body);

  assert.deepEqual(result, { _id: "liia" });
  assert.deepEqual(requests(queries)[0], {
    _id: "liia",
    action: "modify",
    body,
    collection: "c",
    controller: "document-update",
    index: "i",
    ...options,
  });
  assert.equal(requests(queries)[1]!["requestKey"], undefined);
});

it("reads, changes and updates a document, and retries if others have changed it", async () => {
  const { kuzzle, queries } = aKuzzle(mismatch, mismatch);
  const seen: unknown[] = [];
  const options = { ifVersion: 9, silent: true };

  const result = await new DocumentUpdateController(kuzzle).updateWithRetry<{
    seats: number;
  }>(
    ...DOCUMENT,
    async ({ _id, _source }) => {
      seen.push(_id);
      return { seats: Number(_source.seats) + 1 };
    },
    options,
  );

  assert.deepEqual(result, { _id: "liia" });
  assert.deepEqual(seen, ["i/c/liia", "i/c/liia", "i/c/liia"]);
  assert.deepEqual(
    requests(queries).map(({ body, ifVersion, silent }) => [
      ...[body, ifVersion, silent],
    ]),
    [1, 2, 3].map((version) => [{ seats: 5 }, version, true]),
  );
});

it("writes nothing if the function returns nothing", async () => {
  const { kuzzle, queries } = aKuzzle();

  const result = await new DocumentUpdateController(kuzzle).updateWithRetry(
    ...DOCUMENT,
    () => undefined,
  );

  assert.equal(result, undefined);
  assert.deepEqual(queries, []);
});

it("gives up after the maximum number of retries", async () => {
  for (const [retries, tries] of [
    [undefined, 11],
    [2, 3],
    [0, 1],
  ] as const) {
    const { kuzzle, queries } = aKuzzle(...Array<unknown>(20).fill(mismatch));

    await assert.rejects(
      new DocumentUpdateController(kuzzle).updateWithRetry(
        ...DOCUMENT,
        () => ({}),
        retries === undefined ? {} : { retries },
      ),
      (error) => error === mismatch,
    );

    assert.equal(queries.length, tries);
  }
});

it("pauses before each retry, with growing random pauses", async () => {
  const retry = async () => {
    const { kuzzle } = aKuzzle(...Array<unknown>(20).fill(mismatch));
    await assert.rejects(
      new DocumentUpdateController(kuzzle).updateWithRetry(
        ...DOCUMENT,
        () => ({}),
        { retries: 7 },
      ),
    );
  };

  await retry();
  mock.method(Math, "random", () => 0);
  await retry();

  const longest = [10, 20, 40, 80, 160, 200, 200];
  assert.deepEqual(pauses, [...longest, ...longest.map(() => 0)]);
});

it("does not try again after any other error", async () => {
  for (const error of [new Error("lost"), undefined, { id: "app.other" }]) {
    const { kuzzle, queries } = aKuzzle(error);

    await assert.rejects(
      new DocumentUpdateController(kuzzle).updateWithRetry(
        ...DOCUMENT,
        () => ({}),
      ),
      (thrown) => thrown === error,
    );
    assert.equal(queries.length, 1);
    assert.deepEqual(pauses, []);
  }
});

it("uses another controller name", async () => {
  const { kuzzle, queries } = aKuzzle();

  await new DocumentUpdateController(kuzzle, "taxis").update(
    "i",
    "c",
    "liia",
    {},
  );

  assert.equal((queries[0]?.[0] as { controller: string }).controller, "taxis");
});

it("asks for the figures of the update action", async () => {
  const { kuzzle, queries } = aKuzzle();

  assert.deepEqual(await new DocumentUpdateController(kuzzle).stats(), {
    _id: "liia",
  });
  assert.deepEqual(queries, [
    [{ action: "stats", controller: "document-update" }, {}],
  ]);
});
