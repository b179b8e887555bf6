import assert from "node:assert/strict";
import { it } from "node:test";

import type { Seams } from "../../../lib/kuzzle/Seams";
import type { ClientCall } from "../../../lib/kuzzle/WriteTag";
import type { BatchedStorage } from "../../../lib/storage/BatchedStorage";
import { writeWay } from "../../../lib/storage/PluginWrite";
import { aCall } from "../../support/aStorageRequest";
import { clientVersion } from "../../support/fakeElasticsearch";
import { aRequest, FakeKuzzle } from "../../support/fakeKuzzle";

function aWay({
  areSpecified = false,
  isBatching = true,
  isHeard = false,
  isTrusted = true,
} = {}) {
  const heard: string[] = [];
  const seams = {
    hearing: (events: readonly string[]) => {
      heard.push(...events);
      return () => isHeard;
    },
    isSpecified: (index: string, collection: string) => {
      assert.deepEqual([index, collection], ["nyc-open-data", "yellow-taxi"]);
      return areSpecified;
    },
    isTrusted,
  } as unknown as Seams;
  const storage = {
    hasPipeline: ({ params }: ClientCall) => params["index"] === "@&iot.taxis",
    read: async () => ({ body: "read with others" }),
    store: async () => ({ body: "batched" }),
  } as unknown as BatchedStorage;

  const way = writeWay(seams, storage, isBatching);

  return { heard, way };
}

it("skips the read of a document if nothing would come of it", () => {
  const { way } = aWay();

  for (const args of [{}, { refresh: "false" }, { refresh: "wait_for" }]) {
    assert.ok(way.isReadForNothing(aRequest(args)), JSON.stringify(args));
  }
});

it("reads the document if it is validated, changed, or needed for native's error", () => {
  for (const [changes, args] of [
    [{ areSpecified: true }, {}],
    [{ isHeard: true }, {}],
    [{ isBatching: false }, {}],
    [{}, { refresh: "true" }],
    [{}, { refresh: "" }],
    [{}, { _id: "_search" }],
  ] as const) {
    const { way } = aWay(changes);

    assert.ok(
      !way.isReadForNothing(aRequest(args)),
      JSON.stringify([changes, args]),
    );
  }
});

it("knows what listens to the event by which applications change metadata", () => {
  const { heard, way } = aWay({ isHeard: true });

  assert.deepEqual(heard, ["generic:document:injectMetadata"]);
  assert.ok(way.isMetadataEventHeard());
});

it("stores in batches, or each update by itself", async () => {
  const { elasticsearch } = new FakeKuzzle();
  elasticsearch.store("liia");
  const call = aCall(elasticsearch.client);

  assert.deepEqual(await aWay().way.store(call), { body: "batched" });
  assert.deepEqual(elasticsearch.sent, []);
  const native = await aWay({ isBatching: false }).way.store(call);
  assert.equal(native["body"]._id, "liia");
  assert.deepEqual(elasticsearch.paths, ["/@&iot.taxis/_update/liia"]);
});

it("stores an update by a request of its own only in a collection that is there", async () => {
  const { elasticsearch } = new FakeKuzzle();
  elasticsearch.store("liia");
  const call = aCall(elasticsearch.client);
  const { way } = aWay({ isBatching: false });

  await way.store(call);
  await way.store({ ...call, options: { maxRetries: 0 } });

  assert.deepEqual(
    elasticsearch.sent.map(({ querystring }) =>
      new URLSearchParams(querystring).get("require_alias"),
    ),
    ["true", "true"],
  );
});

it("tags updates only if Kuzzle is as expected", () => {
  for (const isTrusted of [true, false]) {
    assert.equal(aWay({ isTrusted }).way.isTrusted(), isTrusted);
  }
});

it("tells whether a collection has an ingest pipeline, also where nothing is batched", () => {
  const { client } = new FakeKuzzle().elasticsearch;
  for (const isBatching of [true, false]) {
    const { way } = aWay({ isBatching });

    assert.equal(way.hasPipeline(aCall(client)), true);
    const other = aCall(client, "7", "a", {}, { index: "@&iot.other" });
    assert.equal(way.hasPipeline(other), false);
  }
});

it("reads documents together with others, unless it is told to batch nothing", async () => {
  const { client } = new FakeKuzzle().elasticsearch;
  const get = () => assert.fail();
  const call = { client, get, params: {}, version: clientVersion("7") };

  assert.deepEqual(await aWay().way.read?.(call), {
    body: "read with others",
  });
  assert.equal(aWay({ isBatching: false }).way.read, undefined);
});
