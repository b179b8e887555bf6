import assert from "node:assert/strict";
import { it } from "node:test";

import type { ReadCall } from "../../../lib/kuzzle/WriteTag";
import { readDocument, readSources } from "../../../lib/storage/readDocuments";
import { clientVersion, versions } from "../../support/fakeElasticsearch";
import { FakeKuzzle } from "../../support/fakeKuzzle";
import { refusal } from "../../support/refusal";

const target = { _id: "liia", collection: "taxis", index: "iot" };
const VERSION = clientVersion("7");
const unavailable = refusal("conditional_writes_unavailable");
const unguarded = refusal("guards_unavailable", "iot", "taxis");

type Sdk = Parameters<typeof readDocument>[0];

/** An SDK that finds documents, or throws. */
function anSdk(find: () => unknown = () => assert.fail()) {
  const asked: unknown[][] = [];
  const get = async (...args: unknown[]) => {
    asked.push(args);
    return find();
  };

  return { asked, sdk: { document: { get, mGet: get } } as unknown as Sdk };
}

const sourcesOf = (sdk: Sdk, ids = ["liia"], version = VERSION) =>
  readSources(sdk, version, "iot", "taxis", ids);

for (const version of versions) {
  it(`reads a document with its sequence number, by itself or with others, with version ${version}`, async () => {
    const { elasticsearch } = new FakeKuzzle({}, version);
    elasticsearch.store("liia", { seats: 5 });
    const calls: unknown[] = [];
    const together = (call: ReadCall) => {
      calls.push(call.params);
      return call.get.call(call.client, call.params);
    };

    for (const read of [undefined, together]) {
      assert.deepEqual(
        await readDocument(anSdk().sdk, clientVersion(version), target, read),
        { primaryTerm: 3, seqNo: 7, source: { seats: 5 }, version: 1 },
      );
    }
    assert.equal(elasticsearch.paths[0], "/@&iot.taxis/_doc/liia");
    assert.deepEqual(calls, [{ id: "liia", index: "@&iot.taxis" }]);
  });

  it(`reads what there is of several, each once, by one request, with version ${version}`, async () => {
    const { elasticsearch } = new FakeKuzzle({}, version);
    elasticsearch.store("liia", { seats: 5 });
    elasticsearch.store("lia", { seats: 4 });
    const ids = ["liia", "gone", "lia", "liia"];

    assert.deepEqual(
      [...(await sourcesOf(anSdk().sdk, ids, clientVersion(version)))],
      [
        ["liia", { seats: 5 }],
        ["lia", { seats: 4 }],
      ],
    );
    const [sent, ...others] = elasticsearch.sent;
    assert.deepEqual(JSON.parse(sent!.body), { ids: ["liia", "gone", "lia"] });
    assert.deepEqual(others, []);
  });
}

it("throws Kuzzle's own error where documents cannot be read", async () => {
  const { elasticsearch } = new FakeKuzzle();
  const error = new Error("native");
  const { asked, sdk } = anSdk(() => {
    throw error;
  });
  const isNative = (found: unknown) => found === error;

  await assert.rejects(readDocument(sdk, VERSION, target), isNative);
  assert.deepEqual(asked, [["iot", "taxis", "liia"]]);
  for (const reply of [
    { body: { docs: [{ _id: "liia", error: { type: "no_shard" } }] } },
    { body: {}, status: 503 },
  ]) {
    elasticsearch.respond = () => reply;
    await assert.rejects(sourcesOf(sdk), isNative);
  }
});

it("reads a document that was created in between", async () => {
  const { elasticsearch } = new FakeKuzzle();
  const { sdk } = anSdk(() => elasticsearch.store("liia", { seats: 5 }));

  const { source } = await readDocument(sdk, VERSION, target);

  assert.deepEqual(source, { seats: 5 });
});

it("refuses what Kuzzle can read and it cannot, and takes nothing unreadable for missing", async () => {
  const { elasticsearch } = new FakeKuzzle();
  const { sdk } = anSdk(() => ({}));

  await assert.rejects(readDocument(sdk, VERSION, target), (error: Error) => {
    assert.equal((error.cause as { statusCode?: number }).statusCode, 404);
    return unavailable(error as never);
  });
  const read = async () => ({ body: { _source: {}, _version: 1 } });
  await assert.rejects(readDocument(sdk, VERSION, target, read), unavailable);
  elasticsearch.respond = () => ({ body: { docs: [{ _id: "liia" }] } });
  await assert.rejects(sourcesOf(sdk), unguarded);
});

it("reads nothing before Kuzzle is checked", async () => {
  const { elasticsearch } = new FakeKuzzle();
  const { sdk } = anSdk();

  await assert.rejects(readDocument(sdk, undefined, target), unavailable);
  await assert.rejects(
    readSources(sdk, undefined, "iot", "taxis", ["liia"]),
    unguarded,
  );
  assert.deepEqual(elasticsearch.sent, []);
});

it("leaves to Kuzzle what it takes for no name of a collection, though a right on some takes it for one", async () => {
  const { elasticsearch } = new FakeKuzzle();
  const error = new Error("native");
  const refusing = anSdk(() => {
    throw error;
  });
  const finding = anSdk(() => ({}));

  for (const other of [{ collection: 2024 }, { index: ["iot"] }]) {
    const odd = { ...target, ...other } as unknown as typeof target;
    await assert.rejects(
      readDocument(refusing.sdk, VERSION, odd),
      (found) => found === error,
    );
    await assert.rejects(readDocument(finding.sdk, VERSION, odd), unavailable);
  }
  assert.deepEqual(elasticsearch.sent, []);
});
