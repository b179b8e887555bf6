import assert from "node:assert/strict";
import { afterEach, it, mock } from "node:test";

import type { JSONObject } from "kuzzle";

import { IngestPipelines } from "../../../lib/storage/BatchedStorage";
import {
  FakeElasticsearch,
  type Version,
  versions,
} from "../../support/fakeElasticsearch";
import { FakeKuzzle } from "../../support/fakeKuzzle";

function thePipelines(settings?: JSONObject, version: Version = "7") {
  const { elasticsearch } = new FakeKuzzle({}, version);
  elasticsearch.settings = settings;
  const pipelines = new IngestPipelines(elasticsearch.client, "@&iot.taxis");

  return { elasticsearch, pipelines };
}

/** Waits for the settings to have been read. */
async function read() {
  for (let turn = 0; turn < 10; turn++) {
    await new Promise(setImmediate);
  }
}

afterEach(() => mock.restoreAll());

for (const version of versions) {
  it(`reads them in the settings of a collection, with version ${version}`, async () => {
    for (const [index, areThere] of [
      [undefined, false],
      [{ default_pipeline: "_none" }, false],
      [{ default_pipeline: "_none", final_pipeline: "_none" }, false],
      [{ default_pipeline: "audit" }, true],
      [{ final_pipeline: "audit" }, true],
      [{ default_pipeline: "_none", final_pipeline: "audit" }, true],
    ] as const) {
      const settings = index && { index };
      const { elasticsearch, pipelines } = thePipelines(settings, version);

      assert.equal(await pipelines.areThere(), areThere);
      const [path = ""] = elasticsearch.paths;
      assert.equal(path, "/@&iot.taxis/_settings");
      assert.deepEqual(
        Object.fromEntries(
          new URLSearchParams(elasticsearch.sent[0]?.querystring),
        ),
        { filter_path: "*.settings.index.*_pipeline", local: "true" },
      );
    }
  });

  it(`waits one second for them, and does not retry, with version ${version}`, async () => {
    new FakeKuzzle({}, version);
    const elasticsearch = new FakeElasticsearch(version, 3);
    elasticsearch.respond = () => ({ body: {}, status: 503 });

    await new IngestPipelines(elasticsearch.client, "@&iot.taxis").areThere();

    assert.deepEqual(
      elasticsearch.sent.map(({ timeout }) => timeout),
      [1_000],
    );
  });
}

it("reads once for all that ask meanwhile, and answers at once afterwards", async () => {
  const { elasticsearch, pipelines } = thePipelines();

  const [first, second] = [pipelines.areThere(), pipelines.areThere()];
  assert.equal(await first, false);
  assert.equal(await second, false);
  assert.equal(pipelines.areThere(), false);
  assert.equal(elasticsearch.sent.length, 1);
});

const audit = { index: { default_pipeline: "audit" } };

it("reads again in the background after ten seconds of a collection that is in use", async () => {
  let now = 0;
  mock.method(performance, "now", () => now);
  const { elasticsearch, pipelines } = thePipelines();
  await pipelines.areThere();

  elasticsearch.settings = audit;
  now = 10_000;
  assert.equal(pipelines.areThere(), false);
  assert.equal(elasticsearch.sent.length, 1);
  now = 10_001;
  assert.equal(pipelines.areThere(), false);
  await read();
  assert.equal(elasticsearch.sent.length, 2);
  assert.equal(pipelines.areThere(), true);
});

it("has the first update wait that comes after an idle half minute", async () => {
  let now = 0;
  mock.method(performance, "now", () => now);
  const { elasticsearch, pipelines } = thePipelines();
  await pipelines.areThere();

  elasticsearch.settings = audit;
  now = 30_001;
  const asked = pipelines.areThere();
  assert.ok(asked instanceof Promise);
  assert.equal(await asked, true);
  assert.equal(pipelines.areThere(), true);
  assert.equal(elasticsearch.sent.length, 2);
});

it("assumes that there are some while it cannot know, and asks again after the usual time", async () => {
  let now = 0;
  mock.method(performance, "now", () => now);
  const { elasticsearch, pipelines } = thePipelines();
  elasticsearch.respond = () => ({ body: { error: "down" }, status: 503 });

  assert.equal(await pipelines.areThere(), true);
  elasticsearch.respond = () => undefined;
  now = 10_001;
  assert.equal(pipelines.areThere(), true);
  await read();
  assert.equal(pipelines.areThere(), false);

  // What was read before holds for half a minute.
  elasticsearch.respond = () => ({ body: { error: "down" }, status: 503 });
  for (now of [20_002, 30_003, 40_004]) {
    assert.equal(pipelines.areThere(), false);
    await read();
  }
  assert.equal(pipelines.areThere(), true);
  assert.equal(elasticsearch.sent.length, 5);
});
