import assert from "node:assert/strict";
import { it } from "node:test";

import {
  askVersion,
  bodyOf,
  Unanswered,
} from "../../../lib/kuzzle/storageClient";
import {
  FakeElasticsearch,
  library,
  versions,
} from "../../support/fakeElasticsearch";

const missing = { id: "none", index: "@&iot.taxis" };

for (const version of versions) {
  it(`knows version ${version} of the client by its answer and its error`, async () => {
    const { client } = new FakeElasticsearch(version);

    const known = await askVersion(client, missing);

    assert.ok(known);
    const isWrapped = version === "7";
    const body = { _id: "liia" };
    assert.equal(known.ResponseError, library(version).errors["ResponseError"]);
    assert.deepEqual(known.answer(body), isWrapped ? { body } : body);
    assert.deepEqual(bodyOf(known.answer(body)), body);
    assert.deepEqual(
      [known.bulk("{}"), known.index(body), known.mget(["a"])],
      isWrapped
        ? [{ body: "{}" }, { body }, { body: { ids: ["a"] } }]
        : [{ operations: "{}" }, { document: body }, { ids: ["a"] }],
    );
  });

  it(`takes version ${version} for unanswered while storage is away`, async () => {
    const isInfo = ({ path }: { path: string }) => path === "/";
    for (const isAway of [
      () => true,
      isInfo,
      (sent: { path: string }) => !isInfo(sent),
    ]) {
      const elasticsearch = new FakeElasticsearch(version);
      elasticsearch.respond = (sent) => {
        if (isAway(sent)) {
          throw new Error("lost");
        }
        return undefined;
      };

      await assert.rejects(
        askVersion(elasticsearch.client, missing),
        Unanswered,
      );
    }
  });
}

it("needs an Elasticsearch that can be told to create no index", async () => {
  for (const [number, isKnown] of [
    ["7.0.0", false],
    ["7.9.3", false],
    ["7.10.0", true],
    ["7.17.29", true],
    ["8.0.0", true],
    ["6.8.0", false],
    [undefined, false],
    ["8", true],
  ] as const) {
    const elasticsearch = new FakeElasticsearch();
    elasticsearch.number = number as string;

    const known = await askVersion(elasticsearch.client, missing);

    assert.equal(known !== undefined, isKnown, number);
  }
});
