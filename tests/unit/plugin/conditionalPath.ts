import assert from "node:assert/strict";
import { afterEach, it, mock } from "node:test";

import type { JSONObject, KuzzleRequest } from "kuzzle";

import { aPlugin } from "../../support/aPlugin";
import {
  type Sent,
  type Version,
  versions,
} from "../../support/fakeElasticsearch";
import { aRequest, copyChanges } from "../../support/fakeKuzzle";
import { checkedAgain, settled } from "../../support/aWrite";

afterEach(() => {
  mock.restoreAll();
  mock.timers.reset();
});

type Handler = (request: KuzzleRequest) => Promise<JSONObject>;

/** A running Kuzzle that knows two taxis. */
async function twoTaxis(
  config: JSONObject = {},
  version: Version = "7",
  change?: Parameters<typeof aPlugin>[3],
) {
  const plugin = await aPlugin(config, version, {}, change);
  const { elasticsearch } = plugin.kuzzle;
  ["liia", "lea"].forEach((id) =>
    elasticsearch.store(id, { draft: true, seats: 1 }),
  );
  elasticsearch.sent.length = 0;
  const { modify } = plugin.plugin.api!["document-update"]!.actions;

  return {
    ...plugin,
    elasticsearch,
    modify: (operators: JSONObject, data: JSONObject = {}) =>
      (modify!.handler as unknown as Handler)(
        aRequest({ action: "modify", body: { operators }, ...data }),
      ),
    sourceOf: (id: string) => elasticsearch.stored.get(id)?.source,
    /** Requests by which something may be stored. */
    writes: () =>
      elasticsearch.sent.filter(
        ({ method, path }) => method !== "GET" && !path.endsWith("/_mget"),
      ),
  };
}

/** What each update, or whole document, of some requests has beside its source. */
function targetsOf(sent: readonly Sent[]): readonly JSONObject[] {
  return sent.flatMap(({ body, path, querystring }): readonly JSONObject[] =>
    path.endsWith("/_bulk")
      ? body
          .trim()
          .split("\n")
          .filter((_, line) => line % 2 === 0)
          .map((line) => Object.values(JSON.parse(line) as object)[0])
      : [Object.fromEntries(new URLSearchParams(querystring))],
  );
}

const isConditional = ({ if_primary_term, if_seq_no }: JSONObject) =>
  if_primary_term !== undefined && if_seq_no !== undefined;

for (const version of versions) {
  for (const batchWrites of [true, false]) {
    it(`stores a conditional change only if the document is as it was read, with ${JSON.stringify({ batchWrites, version })}`, async () => {
      const { modify, sourceOf, update, writes } = await twoTaxis(
        { batchWrites },
        version,
      );

      await Promise.all([
        modify({ increment: { seats: 2 } }),
        modify({ increment: { seats: 3 } }),
        update(aRequest({ body: { a: 1 } })),
        modify({ increment: { seats: 2 } }, { _id: "lea" }),
      ]);
      await update(aRequest({ _id: "lea", body: { a: 1 }, ifVersion: 2 }));
      await modify({ unset: ["draft"] }, { _id: "lea" });

      for (const [id, seats, more] of [
        ["liia", 6, { draft: true }],
        ["lea", 3, {}],
      ] as const) {
        const { _kuzzle_info, ...source } = sourceOf(id)!;
        assert.equal(_kuzzle_info.updater, "joe");
        assert.deepEqual(source, { a: 1, seats, ...more });
      }
      const targets = targetsOf(writes());
      for (const target of targets) {
        const retries = target["retry_on_conflict"];
        assert.equal(isConditional(target), retries === undefined);
      }
      // One of the others may have had to be sent again: it conflicted with this one.
      assert.equal(targets.filter((each) => !isConditional(each)).length, 1);
    });
  }
}

it("does not put the condition on an update that a pipe makes during a conditional write", async () => {
  const { kuzzle, modify, sourceOf, writes } = await twoTaxis();
  let isNested = false;
  kuzzle.pluginPipes.set("generic:document:injectMetadata", [
    async (payload) => {
      if (!isNested) {
        isNested = true;
        await kuzzle.sdk.document.update(
          "nyc-open-data",
          "yellow-taxi",
          "liia",
          {
            nested: true,
          },
        );
      }
      return payload;
    },
  ]);

  await assert.rejects(modify({ increment: { seats: 1 } }), {
    id: "plugin.document-update.changed_by_pipe",
  });

  assert.deepEqual(targetsOf(writes()).map(isConditional), [false, true]);
  const { nested, seats } = sourceOf("liia")!;
  assert.deepEqual([nested, seats], [true, 1]);
});

it("computes from what was stored, even if the answer to Kuzzle is changed", async () => {
  const { kuzzle, modify, sourceOf } = await twoTaxis();
  kuzzle.answers.set("core:realtime:document:notify", (_, __, document) => {
    const { _source } = document as { _source: JSONObject };
    _source["seats"] = 1_000;
    delete _source["draft"];
  });

  await Promise.all([1, 2, 3].map(() => modify({ increment: { seats: 1 } })));
  await Promise.all(
    [1, 2].map(() => modify({ increment: { seats: 1 }, unset: ["gone"] })),
  );

  const { draft, seats } = sourceOf("liia")!;
  assert.deepEqual([draft, seats], [true, 6]);
});

it("computes from what an ingest pipeline stored, not from what storage answered", async () => {
  const { elasticsearch, modify, sourceOf } = await twoTaxis();
  elasticsearch.settings = { index: { final_pipeline: "at most two" } };
  elasticsearch.respond = () => {
    const { source, version } = elasticsearch.stored.get("liia")!;
    const seats = Math.min(source["seats"] as number, 2);
    elasticsearch.stored.set("liia", { source: { ...source, seats }, version });
    return undefined;
  };

  const answers = await Promise.all(
    [1, 2, 3].map(() => modify({ increment: { seats: 1 } })),
  );

  assert.deepEqual(
    answers.map(({ _source }) => _source.seats),
    [2, 3, 3],
  );
  assert.equal(sourceOf("liia")?.["seats"], 3);
});

for (const batchWrites of [true, false]) {
  it(`removes no field in a collection with an ingest pipeline, with ${JSON.stringify({ batchWrites })}`, async () => {
    const { elasticsearch, modify, writes } = await twoTaxis({ batchWrites });
    elasticsearch.settings = { index: { default_pipeline: "audit" } };

    for (const dryRun of [false, true]) {
      await assert.rejects(modify({ unset: ["draft"] }, { dryRun }), {
        id: "plugin.document-update.unset_refused",
        message: /"draft".*pipeline/,
      } as never);
      assert.deepEqual(writes(), []);
      const { _version } = await modify({ unset: ["gone"] }, { dryRun: true });
      assert.equal(_version, 1);
    }
    await modify({ increment: { seats: 1 } });
    assert.equal(writes().length, 1);
  });
}

it("gives now and updatedAt the same time, and changes nothing else", async () => {
  for (const dryRun of [false, true]) {
    const { kuzzle, modify, sourceOf } = await twoTaxis();
    let later = 0;
    const funnel = kuzzle.kuzzle["funnel"] as { executePluginRequest: Handler };
    const run = funnel.executePluginRequest;
    funnel.executePluginRequest = async (request) => {
      const start = Date.now();
      while (Date.now() < start + 2) {
        await new Promise(setImmediate);
      }
      later = Date.now();
      return run(request);
    };

    const { _source } = await modify({ now: ["seenAt"] }, { dryRun });
    const { _kuzzle_info, seenAt } = dryRun ? _source : sourceOf("liia")!;
    assert.ok(seenAt < later);
    assert.equal(_kuzzle_info.updatedAt, seenAt);

    const other = await modify({ increment: { n: 1 } }, { _id: "lea", dryRun });
    assert.ok(other["_source"]._kuzzle_info.updatedAt >= later);
  }
});

/** The same, where Kuzzle loses what tells an update of the plugin's. */
const forgetful = (config: JSONObject = {}) =>
  twoTaxis(config, "7", (kuzzle) => copyChanges(kuzzle, "private", "public"));

it("refuses conditional changes if the condition would be lost, and stores nothing", async () => {
  const { modify, update, warnings, writes } = await forgetful();
  assert.equal(warnings.length, 1);
  assert.match(
    String(warnings),
    /those on a condition are refused, .*`skipUnchanged` are not applied, .*`guards` refuse/,
  );

  for (const refused of [
    modify({ increment: { seats: 1 } }),
    modify({ increment: { seats: 1 } }, { dryRun: true }),
    update(aRequest({ ifVersion: 1 })),
    update(aRequest({ dryRun: true })),
    update(aRequest({ skipUnchanged: true })),
  ]) {
    await assert.rejects(refused, {
      id: "plugin.document-update.conditional_writes_unavailable",
    });
  }

  assert.deepEqual(writes(), []);
  await update(aRequest());
  assert.equal(writes().length, 1);
});

it("writes, if conditions are not possible, what only the configuration would skip", async () => {
  const config = { skipUnchanged: ["nyc-open-data/*"] };
  const same = () => aRequest({ body: { seats: 1 } });
  const elsewhere = await twoTaxis(config);
  await elsewhere.update(same());
  assert.deepEqual(elsewhere.writes(), []);

  const { elasticsearch, sourceOf, update, writes } = await forgetful(config);
  elasticsearch.sent.length = 0;
  const answer = await update(same());

  assert.equal((answer as JSONObject)["_version"], 2);
  assert.equal(sourceOf("liia")?.["_kuzzle_info"].updater, "joe");
  assert.deepEqual(targetsOf(writes()).map(isConditional), [false]);
});

it("does not start where guards, fold or interceptNative cannot be had, and says which", async () => {
  const guards = { "nyc-open-data/*": { readOnly: ["legacyId"] } };
  for (const [config, asked] of [
    [{ guards }, "guards"],
    [{ fold: ["*/*"] }, "fold"],
    [{ interceptNative: ["iot/*"] }, "interceptNative"],
    [
      { fold: ["*/*"], guards, interceptNative: true },
      "interceptNative, fold, guards",
    ],
  ] as [JSONObject, string][]) {
    await assert.rejects(forgetful(config), {
      id: "plugin.document-update.unsupported_kuzzle",
      props: [asked, "its client of Elasticsearch"],
    } as never);
  }
});

it("refuses what needs a check that got no answer, until it passes", async () => {
  const guards = { "nyc-open-data/*": { immutable: ["owner"] } };
  mock.timers.enable({ apis: ["setTimeout"] });
  const { elasticsearch, modify, sourceOf, update, warnings } = await twoTaxis(
    { guards },
    "7",
    ({ elasticsearch: storage }) => {
      let asked = 0;
      storage.respond = ({ path }) =>
        path === "/" && asked++ === 0 ? { body: {}, status: 503 } : undefined;
    },
  );
  const unavailable = {
    id: "plugin.document-update.conditional_writes_unavailable",
  };

  await assert.rejects(modify({ increment: { seats: 1 } }), unavailable);
  await assert.rejects(
    update(aRequest({ body: { owner: "ann" } })),
    unavailable,
  );
  await update(aRequest({ body: { color: "red" } }));
  await checkedAgain(elasticsearch);
  mock.timers.reset();
  await modify({ increment: { seats: 1 } });

  assert.equal(sourceOf("liia")?.["seats"], 2);
  assert.deepEqual(warnings, []);
});

it("does not let an application end while a write waits for its retry or its turn", async () => {
  mock.method(Math, "random", () => 0.5);
  const { elasticsearch, modify, plugin, sourceOf, warnings, writes } =
    await twoTaxis();
  await assert.rejects(modify({ none: {} }));
  elasticsearch.respond = ({ method }) =>
    method === "POST" && writes().length === 1
      ? { body: {}, status: 503 }
      : undefined;
  const order: string[] = [];
  const increment = () =>
    modify({ increment: { seats: 1 } }).then(() => order.push("stored"));

  const all = [increment(), increment()];
  while (writes().length < 1) {
    await settled();
  }
  await settled();
  const end = plugin.pipes?.["kuzzle:shutdown"] as () => Promise<void>;
  await Promise.all([...all, end().then(() => order.push("ended"))]);

  assert.deepEqual(order, ["stored", "stored", "ended"]);
  assert.equal(sourceOf("liia")?.["seats"], 3);
  assert.deepEqual(warnings, []);
});

it("lets an application end after a timeout, and warns that updates are under way", async () => {
  const { elasticsearch, modify, plugin, warnings } = await twoTaxis({
    maxWait: 2_000,
  });
  let goOn = () => {};
  const answered = new Promise<undefined>(
    (resolve) => (goOn = () => resolve(undefined)),
  );
  elasticsearch.respond = () => answered;
  const modified = modify({ increment: { seats: 1 } });
  let now = 1_000;
  mock.method(performance, "now", () => now);
  mock.timers.enable({ apis: ["setTimeout"] });

  let hasEnded = false;
  const end = plugin.pipes?.["kuzzle:shutdown"] as () => Promise<void>;
  const ended = end().then(() => (hasEnded = true));
  for (const [at, expected] of [
    [7_999, []],
    [8_000, [true]],
  ] as const) {
    now = at;
    mock.timers.tick(20);
    await settled();
    assert.equal(hasEnded, expected.length > 0);
    assert.equal(warnings.length, expected.length);
  }
  await ended;

  assert.match(String(warnings), /updates are still under way/);
  mock.timers.reset();
  goOn();
  await modified;
});

it("fails each conditional change that was stored without its condition, and stores plain ones", async () => {
  const { kuzzle, modify, update, warnings, writes } = await twoTaxis();
  copyChanges(kuzzle, "public");

  for (let time = 1; time <= 2; time++) {
    await assert.rejects(modify({ increment: { seats: 1 } }), {
      id: "plugin.document-update.condition_lost",
    });
    assert.equal(writes().length, time);
  }
  await update(aRequest());
  assert.equal(writes().length, 3);
  assert.deepEqual(warnings, []);
});
