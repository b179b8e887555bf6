import assert from "node:assert/strict";
import { afterEach, it, mock } from "node:test";

import type { StorageClient } from "../../../lib/kuzzle/storageClient";
import { BatchedStorage } from "../../../lib/storage/BatchedStorage";
import { aCall } from "../../support/aStorageRequest";
import { settled } from "../../support/aWrite";
import { type Version, versions } from "../../support/fakeElasticsearch";
import { FakeKuzzle } from "../../support/fakeKuzzle";

const isSettings = (path: string) => path.endsWith("/_settings");

function aStorage(version: Version = "7") {
  const { elasticsearch } = new FakeKuzzle({}, version);
  const sizes: number[] = [];
  const storage = new BatchedStorage((size) => sizes.push(size));
  ["a", "b", "c"].forEach((id) => elasticsearch.store(id));
  const { client } = elasticsearch;
  const store = (id: string, params = {}) =>
    storage.store(aCall(client, version, id, { of: id }, params));
  /** The requests, without those for settings. */
  const asked = () => elasticsearch.paths.filter((path) => !isSettings(path));

  return { asked, elasticsearch, sizes, storage, store };
}

/** As many as fit in a request and its answer. */
async function severalTurns() {
  for (let turn = 0; turn < 10; turn++) {
    await settled();
  }
}

afterEach(() => {
  mock.restoreAll();
  mock.timers.reset();
});

for (const version of versions) {
  it(`answers what version ${version} of the client answers, in a batch or not`, async () => {
    const { asked, elasticsearch, sizes, store } = aStorage(version);
    const answers = await Promise.all(["a", "b", "c"].map((id) => store(id)));
    assert.deepEqual(asked(), ["/@&iot.taxis/_bulk"]);
    assert.deepEqual(sizes, [3]);

    for (const [place, id] of ["a", "b", "c"].entries()) {
      elasticsearch.store(id);
      const call = aCall(elasticsearch.client, version, id, { of: id });
      const native = await call.update.call(call.client, call.params);
      const answer =
        version === "7" ? answers[place]?.["body"] : answers[place];
      const expected = version === "7" ? native["body"] : native;
      assert.deepEqual(answer, { ...expected, status: 200 });
    }
  });
}

it("sends what is not as expected by itself, only to collections that exist", async () => {
  const { asked, elasticsearch, sizes, store } = aStorage();

  await Promise.all([
    store("a", { refresh: "wait_for" }),
    store("b", { retry_on_conflict: 2.5 }),
    store("c", { index: "@%kuzzle.users" }),
  ]);

  assert.deepEqual(asked(), [
    "/@&iot.taxis/_update/a",
    "/@&iot.taxis/_update/b",
    "/@%kuzzle.users/_update/c",
  ]);
  assert.ok(
    elasticsearch.sent.every(({ querystring }) =>
      querystring.includes("require_alias=true"),
    ),
  );
  assert.deepEqual(sizes, []);
});

it("batches nothing of a collection with an ingest pipeline", async () => {
  const { asked, elasticsearch, sizes, store } = aStorage();
  elasticsearch.settings = { index: { default_pipeline: "audit" } };

  await Promise.all([store("a"), store("b")]);
  await store("c");

  assert.deepEqual(asked(), [
    "/@&iot.taxis/_update/a",
    "/@&iot.taxis/_update/b",
    "/@&iot.taxis/_update/c",
  ]);
  assert.deepEqual(sizes, []);
});

it("makes each collection wait for its own requests only", async () => {
  const { asked, store } = aStorage();

  await Promise.all([store("a"), store("c", { index: "@&iot.others" })]);

  assert.deepEqual(asked().sort(), [
    "/@&iot.others/_update/c",
    "/@&iot.taxis/_update/a",
  ]);
});

it("forgets idle collections when they are too many, and none that has updates under way", async () => {
  new FakeKuzzle();
  const asked: string[] = [];
  let answer: (body: object) => void = () => {};
  const answered = new Promise<object>((resolve) => (answer = resolve));
  const client = {
    indices: {
      getSettings: async ({ index }: { index: string }) => {
        asked.push(index);
        return { body: {} };
      },
    },
    update: async ({ index }: { index: string }) =>
      index === "@&iot.hanging" ? answered : { body: {} },
  } as unknown as StorageClient;
  const storage = new BatchedStorage(() => {});
  const store = (index: string) =>
    storage.store(aCall(client, "7", "a", {}, { index: `@&iot.${index}` }));

  await store("idle");
  const hanging = store("hanging");
  await settled();
  for (let number = 2; number < 10_000; number++) {
    await store(String(number));
  }
  await store("idle");
  assert.equal(asked.length, 10_000);

  // The oldest goes, where it is idle, and no other.
  await store("one too many");
  await store("idle");
  assert.equal(asked.length, 10_002);
  const another = store("hanging");
  await store("2");
  assert.equal(asked.length, 10_002);
  answer({ body: {} });
  await Promise.all([hanging, another]);
  await store("two too many");
  await store("2");
  assert.equal(asked.length, 10_003);
  await store("hanging");
  assert.equal(asked.length, 10_004);
});

it("sends nothing more in a bulk request once it has seen a pipeline, and keeps the order of a document", async () => {
  let now = 0;
  mock.method(performance, "now", () => now);
  const { asked, elasticsearch, store } = aStorage();
  await store("a");
  let answer = () => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  let underWay = 0;
  let greatest = 0;
  elasticsearch.respond = async ({ path }) => {
    if (!isSettings(path)) {
      greatest = Math.max(greatest, ++underWay);
      await answered;
      underWay--;
    }
    return undefined;
  };

  const first = store("a");
  await severalTurns();
  elasticsearch.settings = { index: { default_pipeline: "audit" } };
  now = 30_001;
  const second = store("a");
  await severalTurns();
  const third = store("a");
  await severalTurns();
  assert.equal(asked().length, 2);

  answer();
  await Promise.all([first, second, third]);
  await store("a");
  assert.deepEqual(asked(), Array(5).fill("/@&iot.taxis/_update/a"));
  assert.equal(greatest, 1);
});

for (const version of versions) {
  it(`tells whether a collection has an ingest pipeline, which it asks once, with version ${version}`, async () => {
    for (const pipeline of [undefined, "audit"]) {
      const { asked, elasticsearch, storage, store } = aStorage(version);
      elasticsearch.settings = { index: { default_pipeline: pipeline } };
      const call = aCall(elasticsearch.client, version);

      assert.equal(await storage.hasPipeline(call), pipeline !== undefined);
      assert.equal(storage.hasPipeline(call), pipeline !== undefined);
      await store("a");

      assert.equal(elasticsearch.paths.filter(isSettings).length, 1);
      assert.deepEqual(asked(), ["/@&iot.taxis/_update/a"]);
    }
  });
}
