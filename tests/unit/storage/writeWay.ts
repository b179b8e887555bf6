import assert from "node:assert/strict";
import { it } from "node:test";

import type { Seams } from "../../../lib/kuzzle/Seams";
import type { ClientCall } from "../../../lib/kuzzle/WriteTag";
import type { BatchedStorage } from "../../../lib/storage/BatchedStorage";
import { writeWay } from "../../../lib/storage/PluginWrite";
import { aCall } from "../../support/aStorageRequest";
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
