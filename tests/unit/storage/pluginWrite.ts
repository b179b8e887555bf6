import assert from "node:assert/strict";
import { it } from "node:test";

import type { JSONObject } from "kuzzle";

import type { ClientCall } from "../../../lib/kuzzle/WriteTag";
import { PluginWrite } from "../../../lib/storage/PluginWrite";
import { aCall } from "../../support/aStorageRequest";
import { type Version, versions } from "../../support/fakeElasticsearch";
import { aRequest, FakeKuzzle } from "../../support/fakeKuzzle";

interface Given {
  readonly answers: readonly (JSONObject | Error)[];
  readonly isReadForNothing: boolean;
  readonly version: Version;
}

/** A write on behalf of "joe", and what it does with each request to storage. */
function aWrite({
  answers = [{ body: "stored" }],
  isReadForNothing = true,
  version = versions[0],
}: Partial<Given> = {}) {
  const { elasticsearch } = new FakeKuzzle({}, version);
  const stored: ClientCall[] = [];
  const left = [...answers];
  const read = () => Promise.resolve({});
  const write = new PluginWrite({
    hasPipeline: () => assert.fail(),
    isMetadataEventHeard: () => assert.fail(),
    isReadForNothing: () => isReadForNothing,
    isTrusted: () => assert.fail(),
    read,
    store: async (call) => {
      stored.push(call);
      const answer = left.shift();
      if (answer instanceof Error) {
        throw answer;
      }
      return answer!;
    },
  });
  const call = () => aCall(elasticsearch.client, version, "liia", { a: 1 });

  return { call, elasticsearch, read, stored, write };
}

const refused = (statusCode: number) =>
  Object.assign(new Error("of storage"), { statusCode });

it("reads a missing document that was not read before, to get native's error", async () => {
  for (const status of [404, 400]) {
    const { call, elasticsearch, stored, write } = aWrite({
      answers: [refused(status)],
    });
    write.onValidate(aRequest());

    await assert.rejects(write.onUpdate(call()), (error: Error) => {
      assert.equal(error.name, "ResponseError");
      return (error as { statusCode?: number }).statusCode === 404;
    });
    assert.deepEqual(elasticsearch.paths, ["/@&iot.taxis/_doc/liia"]);
    assert.equal(stored.length, 1);
  }
});

it("stores an update again if its document has been created in between", async () => {
  const { call, elasticsearch, stored, write } = aWrite({
    answers: [refused(404), { body: "stored" }],
  });
  elasticsearch.store("liia");
  write.onValidate(aRequest());

  assert.deepEqual(await write.onUpdate(call()), { body: "stored" });
  assert.equal(stored.length, 2);
});

it("throws what storage refuses for an existing document, and every other error", async () => {
  const given: readonly [error: Error, asked: number][] = [
    [refused(400), 1],
    [refused(409), 0],
    [refused(500), 0],
    [new Error("lost"), 0],
  ];
  for (const [error, asked] of given) {
    const { call, elasticsearch, stored, write } = aWrite({ answers: [error] });
    elasticsearch.store("liia");
    write.onValidate(aRequest());

    await assert.rejects(write.onUpdate(call()), (found) => found === error);
    assert.equal(elasticsearch.sent.length, asked);
    assert.equal(stored.length, 1);
  }
});

it("does not read again if Kuzzle has read the document itself", async () => {
  const error = refused(404);
  const { call, elasticsearch, stored, write } = aWrite({
    answers: [error],
    isReadForNothing: false,
  });
  write.onValidate(aRequest());

  await assert.rejects(write.onUpdate(call()), (found) => found === error);
  assert.deepEqual(elasticsearch.sent, []);
  assert.equal(stored.length, 1);
});
