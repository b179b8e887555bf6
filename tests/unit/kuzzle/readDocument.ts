import assert from "node:assert/strict";
import { it } from "node:test";

import { readDocument } from "../../../lib/storage/readDocuments";
import type { ReadCall } from "../../../lib/kuzzle/WriteTag";
import { clientVersion, versions } from "../../support/fakeElasticsearch";
import { FakeKuzzle } from "../../support/fakeKuzzle";
import { refusal } from "../../support/refusal";

const target = { _id: "liia", collection: "taxis", index: "iot" };

type Sdk = Parameters<typeof readDocument>[0];

/** An SDK that finds the document, or throws. */
function anSdk(get: () => unknown = () => assert.fail()) {
  const asked: unknown[][] = [];
  const document = {
    get: async (...args: unknown[]) => {
      asked.push(args);
      return get();
    },
  };

  return { asked, sdk: { document } as unknown as Sdk };
}

const VERSION = clientVersion("7");

const unavailable = refusal("conditional_writes_unavailable");

for (const version of versions) {
  it(`reads a document with its sequence number, with version ${version}`, async () => {
    const { elasticsearch } = new FakeKuzzle({}, version);
    elasticsearch.store("liia", { seats: 5 });
    const { sdk } = anSdk();
    const expected = {
      primaryTerm: 3,
      seqNo: 7,
      source: { seats: 5 },
      version: 1,
    };

    assert.deepEqual(
      await readDocument(sdk, clientVersion(version), target),
      expected,
    );
    assert.deepEqual(elasticsearch.paths, ["/@&iot.taxis/_doc/liia"]);

    const calls: ReadCall[] = [];
    const read = (call: ReadCall) => {
      calls.push(call);
      return call.get.call(call.client, call.params);
    };
    assert.deepEqual(
      await readDocument(sdk, clientVersion(version), target, read),
      expected,
    );
    assert.deepEqual(
      calls.map(({ params }) => params),
      [{ id: "liia", index: "@&iot.taxis" }],
    );
  });
}

it("throws Kuzzle's own error if a document cannot be read", async () => {
  new FakeKuzzle();
  const error = new Error("native");
  const { asked, sdk } = anSdk(() => {
    throw error;
  });

  await assert.rejects(
    readDocument(sdk, VERSION, target),
    (found) => found === error,
  );
  assert.deepEqual(asked, [["iot", "taxis", "liia"]]);
});

it("reads a document that was created in between", async () => {
  const { elasticsearch } = new FakeKuzzle();
  const { sdk } = anSdk(() => elasticsearch.store("liia", { seats: 5 }));

  const { source } = await readDocument(sdk, VERSION, target);

  assert.deepEqual(source, { seats: 5 });
});

it("refuses conditions if Kuzzle reads a document that it cannot read", async () => {
  new FakeKuzzle();
  const { sdk } = anSdk(() => ({}));

  await assert.rejects(readDocument(sdk, VERSION, target), (error: Error) => {
    const { statusCode } = error.cause as { statusCode?: number };
    assert.equal(statusCode, 404);
    return unavailable(error as never);
  });
});

it("refuses conditions if storage returns no sequence number", async () => {
  new FakeKuzzle();
  const { sdk } = anSdk();
  const read = async () => ({ body: { _source: {}, _version: 1 } });

  await assert.rejects(readDocument(sdk, VERSION, target, read), unavailable);
});

it("reads nothing before Kuzzle is checked", async () => {
  const { elasticsearch } = new FakeKuzzle();
  const { sdk } = anSdk();

  await assert.rejects(readDocument(sdk, undefined, target), unavailable);
  assert.deepEqual(elasticsearch.sent, []);
});
