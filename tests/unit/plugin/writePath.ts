import assert from "node:assert/strict";
import { it } from "node:test";

import type { JSONObject } from "kuzzle";

import { aPlugin } from "../../support/aPlugin";
import { type Version, versions } from "../../support/fakeElasticsearch";
import { aRequest } from "../../support/fakeKuzzle";

const BULK = "/@&nyc-open-data.yellow-taxi/_bulk";

/** A running Kuzzle that knows three taxis, and has stored a first update. */
async function someTaxis(config: JSONObject = {}, version: Version = "7") {
  const plugin = await aPlugin(config, version);
  const { elasticsearch } = plugin.kuzzle;
  ["first", "liia", "lea"].forEach((id) => elasticsearch.store(id));
  await plugin.update(aRequest({ _id: "first" }));
  elasticsearch.sent.length = 0;
  plugin.kuzzle.validated.length = 0;

  return plugin;
}

for (const version of versions) {
  it(`stores updates that come at once in one request, with version ${version}`, async () => {
    const { kuzzle, update } = await someTaxis({}, version);

    const answers = await Promise.all([
      update(aRequest({ body: { a: 1 } })),
      update(aRequest({ _id: "lea", body: { b: 2 } })),
      update(aRequest({ body: { c: 3 } })),
    ]);

    const of = (_id: string, _version: number, changes: object) => ({
      _id,
      _source: changes,
      _version,
    });
    for (const { _source } of answers as { _source: JSONObject }[]) {
      assert.equal(_source["_kuzzle_info"].updater, "joe");
      delete _source["_kuzzle_info"];
    }
    assert.deepEqual(answers, [
      of("liia", 2, { a: 1 }),
      of("lea", 2, { b: 2 }),
      of("liia", 3, { c: 3 }),
    ]);
    assert.deepEqual(kuzzle.elasticsearch.paths, [BULK]);
    assert.deepEqual(kuzzle.validated, []);
  });

  it(`answers native's error for a missing document, with version ${version}`, async () => {
    const { kuzzle, update } = await someTaxis({}, version);

    await assert.rejects(update(aRequest({ _id: "gone" })), {
      status: 404,
    } as never);

    assert.deepEqual(
      kuzzle.elasticsearch.sent.map(({ method }) => method),
      ["POST", "GET"],
    );
  });
}

it("stores each by itself where it is told to, and reads it before", async () => {
  const { kuzzle, update } = await someTaxis({ batchWrites: false });

  await Promise.all([update(aRequest()), update(aRequest({ _id: "lea" }))]);

  assert.deepEqual(kuzzle.validated.sort(), ["lea", "liia"]);
  assert.deepEqual(
    kuzzle.elasticsearch.paths.filter((path) => path.endsWith("/_bulk")),
    [],
  );
});

it("leaves the updates of others alone, unless it intercepts them", async () => {
  const native = ({ sdk }: Awaited<ReturnType<typeof aPlugin>>["kuzzle"]) =>
    Promise.all(
      ["liia", "lea"].map((id) =>
        sdk.document.update("nyc-open-data", "yellow-taxi", id, { a: 1 }),
      ),
    );
  const alone = await someTaxis();
  await native(alone.kuzzle);
  assert.ok(!alone.kuzzle.elasticsearch.paths.includes(BULK));
  assert.equal(alone.kuzzle.validated.length, 2);

  const all = await someTaxis({ interceptNative: true });
  await native(all.kuzzle);
  assert.deepEqual(all.kuzzle.elasticsearch.paths, [BULK]);
  assert.deepEqual(all.kuzzle.validated, []);
});

it("folds none that server code makes in the course of a write", async () => {
  const { kuzzle, update } = await someTaxis({ fold: ["*/*"] });
  const connection = { id: "embedded", protocol: "funnel" };
  const nested = () =>
    update(aRequest({ body: { nested: 1 } }, { connection }));
  const store = kuzzle.answers.get("core:storage:public:document:update")!;
  let isNested = false;
  kuzzle.answers.set("core:storage:public:document:update", async (...args) => {
    if (!isNested) {
      isNested = true;
      // As a pipe of Kuzzle's would.
      await nested();
    }
    return store(...args);
  });

  await update(aRequest());

  assert.equal(kuzzle.elasticsearch.stored.get("liia")?.version, 3);
});

/** By step of the write path, how it comes to throw. */
const STEPS: Readonly<
  Record<string, (plugin: Awaited<ReturnType<typeof someTaxis>>) => void>
> = {
  "the map of pipes": ({ kuzzle }) => {
    Object.assign(kuzzle.pluginPipes, { get: fails });
  },
  "the event emitter": ({ kuzzle }) => {
    kuzzle.kuzzle["listenerCount"] = fails;
  },
  "the funnel": ({ kuzzle }) => {
    kuzzle.kuzzle["funnel"] = { executePluginRequest: fails };
  },
  "the specifications": ({ kuzzle }) => {
    Object.defineProperty(kuzzle.kuzzle.validation, "specification", {
      get: fails,
    });
  },
  "the metadata": ({ kuzzle }) => {
    Object.assign(kuzzle.controller, { pipe: fails });
  },
  "Kuzzle's storage": ({ kuzzle }) =>
    kuzzle.answers.set("core:storage:public:document:update", fails),
  "the client of Elasticsearch": ({ kuzzle }) => {
    Object.assign(kuzzle.elasticsearch.client, {
      transport: { request: fails },
    });
  },
  "the notification": ({ kuzzle }) =>
    kuzzle.answers.set("core:realtime:document:notify", fails),
};

function fails(): never {
  throw new Error("a defect");
}

it("counts in its statistics the modifications that wait for a document", async () => {
  const { modify, stats } = await someTaxis();
  const changes = { a: 1 };
  const send = () =>
    modify(aRequest({ action: "modify", body: { changes }, ifVersion: 1 }));

  const all = Promise.allSettled([send(), send(), send()]);
  let { queues } = await stats();
  for (let n = 0; n < 1_000 && queues.longestEver < 2; n++) {
    ({ queues } = await stats());
  }

  assert.deepEqual(queues, { documents: 1, longest: 2, longestEver: 2 });
  await all;
});

for (const config of [{}, { fold: ["*/*"] }]) {
  for (const [step, breakIt] of Object.entries(STEPS)) {
    it(`answers every update, and holds nothing, when ${step} fails, with ${JSON.stringify(config)}`, async () => {
      const plugin = await someTaxis(config);
      breakIt(plugin);

      // The second time, they would wait for what the first has left.
      for (let time = 0; time < 2; time++) {
        const outcomes = await Promise.allSettled(
          ["liia", "lea", "liia", "liia"].map((_id, n) =>
            plugin.update(aRequest({ _id, body: { [`n${n}`]: n } })),
          ),
        );

        const reasons = outcomes.map((outcome) =>
          outcome.status === "rejected" ? String(outcome.reason) : "stored",
        );
        assert.ok(
          reasons.every((reason) => reason.includes("a defect")),
          String(reasons),
        );
      }
      const { queues } = await plugin.stats();
      assert.deepEqual([queues.documents, queues.longest], [0, 0]);
    });
  }
}
