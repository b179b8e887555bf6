import assert from "node:assert/strict";
import { it } from "node:test";

import { readSources } from "../../../lib/storage/readDocuments";
import { clientVersion, versions } from "../../support/fakeElasticsearch";
import { FakeKuzzle } from "../../support/fakeKuzzle";
import { refusal } from "../../support/refusal";

type Sdk = Parameters<typeof readSources>[0];

/** An SDK that finds documents, or throws. */
function anSdk(mGet: () => unknown = () => assert.fail()) {
  return { document: { mGet: async () => mGet() } } as unknown as Sdk;
}

for (const version of versions) {
  it(`reads what there is, each once, by one request, with version ${version}`, async () => {
    const { elasticsearch } = new FakeKuzzle({}, version);
    elasticsearch.store("liia", { seats: 5 });
    elasticsearch.store("lia", { seats: 4 });

    const found = await readSources(
      anSdk(),
      clientVersion(version),
      "iot",
      "taxis",
      [...["liia", "gone", "lia", "liia"]],
    );

    assert.deepEqual(
      found,
      new Map([
        ["liia", { seats: 5 }],
        ["lia", { seats: 4 }],
      ]),
    );
    assert.deepEqual(
      elasticsearch.sent.map(({ body, path }) => [
        decodeURIComponent(path),
        JSON.parse(body),
      ]),
      [["/@&iot.taxis/_mget", { ids: ["liia", "gone", "lia"] }]],
    );
  });
}

it("throws Kuzzle's own error if documents cannot be read", async () => {
  const { elasticsearch } = new FakeKuzzle();
  const error = new Error("native");
  const sdk = anSdk(() => {
    throw error;
  });

  for (const reply of [
    { body: { docs: [{ _id: "liia", error: { type: "no_shard" } }] } },
    { body: {}, status: 503 },
  ]) {
    elasticsearch.respond = () => reply;
    await assert.rejects(
      readSources(sdk, clientVersion("7"), "iot", "taxis", ["liia"]),
      (found) => found === error,
    );
  }
});

it("does not take unreadable documents for missing", async () => {
  const { elasticsearch } = new FakeKuzzle();
  elasticsearch.respond = () => ({ body: { docs: [{ _id: "liia" }] } });

  await assert.rejects(
    readSources(
      anSdk(() => ({})),
      clientVersion("7"),
      "iot",
      "taxis",
      ["liia"],
    ),
    refusal("guards_unavailable", "iot", "taxis"),
  );
});

it("reads nothing before Kuzzle is checked", async () => {
  const { elasticsearch } = new FakeKuzzle();

  await assert.rejects(
    readSources(anSdk(), undefined, "iot", "taxis", ["liia"]),
    refusal("guards_unavailable", "iot", "taxis"),
  );
  assert.deepEqual(elasticsearch.sent, []);
});
