import assert from "node:assert/strict";
import { it } from "node:test";

import { BatchedStorage } from "../../lib/storage/BatchedStorage";
import { aCall } from "../support/aStorageRequest";
import {
  FakeElasticsearch,
  type Version,
  versions,
} from "../support/fakeElasticsearch";
import { FakeKuzzle } from "../support/fakeKuzzle";

const isSettings = (path: string) => path.endsWith("/_settings");

function aStorage(version: Version = "7") {
  const { elasticsearch } = new FakeKuzzle({}, version);
  const sizes: number[] = [];
  const storage = new BatchedStorage((size) => sizes.push(size));
  ["a", "b", "c"].forEach((id) => elasticsearch.store(id));
  const store = (id: string, params = {}, { client } = elasticsearch) =>
    storage.store(aCall(client, version, id, { of: id }, params));
  /** What was asked for, but for the settings. */
  const asked = () => elasticsearch.paths.filter((path) => !isSettings(path));

  return { asked, elasticsearch, sizes, store };
}

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

it("asks once for the settings of a collection", async () => {
  const { elasticsearch, store } = aStorage();

  await store("a");
  await store("b");
  await store("c", { index: "@&iot.others" });

  assert.deepEqual(elasticsearch.paths.filter(isSettings), [
    "/@&iot.taxis/_settings",
    "/@&iot.others/_settings",
  ]);
});

it("sends what is not as expected as Kuzzle asked for it", async () => {
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
  assert.doesNotMatch(
    elasticsearch.sent.map(({ querystring }) => querystring).join(),
    /require_alias/,
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

it("has each collection, and each client, wait for its own requests alone", async () => {
  const { asked, store } = aStorage();
  const other = new FakeElasticsearch();
  other.store("b");

  await Promise.all([
    store("a"),
    store("b", {}, other),
    store("c", { index: "@&iot.others" }),
  ]);

  assert.deepEqual(asked().sort(), [
    "/@&iot.others/_update/c",
    "/@&iot.taxis/_update/a",
  ]);
  assert.deepEqual(other.paths, [
    "/@&iot.taxis/_settings",
    "/@&iot.taxis/_update/b",
  ]);
});

it("forgets idle collections when they are too many, and none that has updates under way", async () => {
  const { elasticsearch, store } = aStorage();
  const settings = () => elasticsearch.paths.filter(isSettings).length;
  let answer = () => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  elasticsearch.respond = async ({ path }) => {
    if (path.endsWith("hanging/_update/a")) {
      await answered;
    }
    return undefined;
  };

  const hanging = store("a", { index: "@&iot.hanging" });
  for (let number = 1; number <= 1_000; number++) {
    await store("b", { index: `@&iot.${number}` });
  }
  assert.equal(settings(), 1_001);
  const another = store("b", { index: "@&iot.hanging" });
  assert.equal(settings(), 1_001);
  await store("b", { index: "@&iot.1" });
  assert.equal(settings(), 1_002);

  answer();
  await Promise.all([hanging, another]);
});

it("rejects an update whose document is missing with the client's error, and no other", async () => {
  const { store } = aStorage();

  const [missing, stored] = await Promise.allSettled([
    store("missing"),
    store("a"),
  ]);

  assert.equal(stored.status, "fulfilled");
  assert.ok(missing.status === "rejected");
  assert.equal((missing.reason as { statusCode: number }).statusCode, 404);
});
