import assert from "node:assert/strict";
import { afterEach, beforeEach, it, mock } from "node:test";

import { Http, type JSONObject, Kuzzle } from "kuzzle-sdk";

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

/** A real SDK, up to its protocol. @param errors what the first queries fail of, one after another */
function aKuzzle(...errors: readonly unknown[]) {
  const queries: JSONObject[] = [];
  const failing = [...errors];
  let version = 0;
  const protocol = new Http("localhost");
  protocol.isReady = () => true;
  protocol.query = async (request: JSONObject) => {
    queries.push(request);
    if (failing.length > 0) {
      throw failing.shift();
    }
    return { result: { _id: "liia" } };
  };
  const kuzzle = new Kuzzle(protocol);
  kuzzle.document.get = (async (...target: readonly string[]) => ({
    _id: target.join("/"),
    _source: { seats: 4 },
    _version: ++version,
  })) as unknown as typeof kuzzle.document.get;

  return { kuzzle, queries };
}

/** What is sent, but for what the SDK adds to each request. */
const requests = (queries: readonly JSONObject[]) =>
  queries.map(({ requestId, volatile, ...request }) => {
    assert.ok(requestId && volatile);
    return request;
  });

const mismatch = { id: "plugin.document-update.version_mismatch" };

it("sends an update or a modification to the plugin's controller, and returns its result", async () => {
  const { kuzzle, queries } = aKuzzle();
  const own = {
    ...{ dryRun: true, events: false },
    ...{ ifVersion: 3, skipUnchanged: true },
  };
  const options = { ...own, silent: true, source: true };
  const changes = { seats: 5 };
  const body = { operators: { increment: { seats: 1 } } };
  const sent = { ...options, _id: "liia", collection: "c", index: "i" };

  const controller = new DocumentUpdateController(kuzzle);
  const forUpdate = { ...options, retryOnConflict: 3 };
  const updated = await controller.update(...DOCUMENT, changes, forUpdate);
  const forModify = { ...options, requestKey: "k" };
  const modified = await controller.modify(...DOCUMENT, body, forModify);
  await new DocumentUpdateController(kuzzle, "taxis").modify(...DOCUMENT, {});

  assert.deepEqual([updated, modified], [{ _id: "liia" }, { _id: "liia" }]);
  assert.deepEqual(requests(queries), [
    {
      ...sent,
      action: "update",
      body: changes,
      controller: "document-update",
      retryOnConflict: 3,
    },
    {
      ...sent,
      action: "modify",
      body,
      controller: "document-update",
      requestKey: "k",
    },
    // What is not given is not sent.
    {
      ...{ _id: "liia", collection: "c", index: "i" },
      action: "modify",
      body: {},
      controller: "taxis",
    },
  ]);
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

it("asks for the figures of the update action", async () => {
  const { kuzzle, queries } = aKuzzle();

  assert.deepEqual(await new DocumentUpdateController(kuzzle).stats(), {
    _id: "liia",
  });
  assert.deepEqual(requests(queries), [
    { action: "stats", controller: "document-update" },
  ]);
});
