import assert from "node:assert/strict";
import { it } from "node:test";

import type { JSONObject } from "kuzzle";

import type { StorageClient } from "../../../lib/kuzzle/storageClient";
import type { ReadCall } from "../../../lib/kuzzle/WriteTag";
import {
  type ReadRequest,
  sendReads,
} from "../../../lib/storage/readDocuments";
import { endedOf } from "../../support/aStorageRequest";
import {
  clientVersion,
  FakeElasticsearch,
  type Version,
  versions,
} from "../../support/fakeElasticsearch";
import { FakeKuzzle } from "../../support/fakeKuzzle";

/** Reads documents, and returns what became of each. */
async function outcomesOf(
  version: Version,
  ids: readonly string[],
  respond: FakeElasticsearch["respond"] = () => undefined,
) {
  new FakeKuzzle({}, version);
  // As often as Kuzzle's own client resends after lost connections.
  const elasticsearch = new FakeElasticsearch(version, 3);
  ["a", "b"].forEach((id) => elasticsearch.store(id, { of: id }));
  elasticsearch.respond = respond;
  const { client } = elasticsearch;
  const get = function (
    this: StorageClient,
    params: JSONObject,
  ): Promise<JSONObject> {
    return this.get(params);
  };
  const requests = ids.map((id): ReadRequest => {
    const params = { id, index: "@&iot.taxis" };
    const call = { client, get, params, version: clientVersion(version) };
    return { call, lines: id };
  });
  const batch = await sendReads(requests as [ReadRequest, ...ReadRequest[]]);
  const ended = await endedOf(batch);
  const alone = async ({ call }: { readonly call: ReadCall }) =>
    call.get.call(client, call.params);

  return { alone, bytes: batch.bytes, elasticsearch, ended, requests };
}

for (const version of versions) {
  it(`answers what version ${version} of the client answers, by one request`, async () => {
    const { alone, bytes, elasticsearch, ended, requests } = await outcomesOf(
      version,
      ["a", "b", "a"],
    );

    assert.deepEqual(elasticsearch.paths, ["/@&iot.taxis/_mget"]);
    assert.ok(bytes > 0);
    for (const [place, request] of requests.entries()) {
      const native = await alone(request);
      const expected = version === "7" ? { body: native["body"] } : native;
      assert.deepEqual(ended[place], { answer: expected });
    }
  });

  it(`has version ${version} of the client ask again, by itself, for what is not found`, async () => {
    const { elasticsearch, ended } = await outcomesOf(version, ["a", "none"]);

    assert.deepEqual(elasticsearch.paths, [
      "/@&iot.taxis/_mget",
      "/@&iot.taxis/_doc/none",
    ]);
    assert.ok("answer" in ended[0]!);
    assert.ok("error" in ended[1]!);
    assert.equal((ended[1].error as { statusCode: number }).statusCode, 404);
  });
}

it("asks for a lone document as Kuzzle does", async () => {
  const { bytes, elasticsearch, ended } = await outcomesOf("7", ["a"]);

  assert.deepEqual(elasticsearch.paths, ["/@&iot.taxis/_doc/a"]);
  assert.equal(bytes, 0);
  assert.ok("answer" in ended[0]!);
});

it("reads each document alone if reading them together fails once", async () => {
  for (const fail of [
    () => {
      throw new Error("lost");
    },
    () => ({ body: { error: {} }, status: 503 }),
    () => ({ body: '{"docs":[{"__proto__":1}]}' }),
    () => ({ body: {} }),
  ]) {
    const { bytes, elasticsearch, ended } = await outcomesOf(
      "7",
      ["a", "b"],
      ({ path }) => (path.endsWith("/_mget") ? fail() : undefined),
    );

    assert.equal(bytes, 0);
    assert.deepEqual(elasticsearch.paths, [
      "/@&iot.taxis/_mget",
      "/@&iot.taxis/_doc/a",
      "/@&iot.taxis/_doc/b",
    ]);
    assert.ok(ended.every((outcome) => "answer" in outcome));
  }
});

it("waits for several documents for some seconds", async () => {
  const { elasticsearch } = await outcomesOf("7", ["a", "b"]);

  assert.equal(elasticsearch.sent[0]?.timeout, 5_000);
});
