// Native updates as Kuzzle runs them: its own document controller, with the plugin's method on it.
import assert from "node:assert/strict";
import { afterEach, it, mock } from "node:test";

import type { JSONObject, KuzzleRequest } from "kuzzle";

import { tagOf } from "../../../lib/kuzzle/WriteTag";
import { aPlugin } from "../../support/aPlugin";
import { aTaxi } from "../../support/aTaxi";
import { aRequest, ofServerCode, overHttp } from "../../support/fakeKuzzle";

afterEach(() => mock.restoreAll());

const INTERCEPT = { interceptNative: true };
const CONFLICT = "core:storage:public:document:update";

const aNative = (data: JSONObject = {}, context: JSONObject = {}) =>
  aRequest({ controller: "document", ...data }, context);

/** The plugin with an intercepted "liia". */
async function intercepted(config: JSONObject = {}) {
  const plugin = await aPlugin({ ...INTERCEPT, ...config });
  const { kuzzle } = plugin;
  ["first", "liia", "lea"].forEach((id) =>
    kuzzle.elasticsearch.store(id, { seats: 1 }),
  );
  // The settings of the collection are known then.
  await plugin.native(aNative({ _id: "first", body: { first: 1 } }));
  kuzzle.elasticsearch.sent.length = 0;

  return { ...plugin, elasticsearch: kuzzle.elasticsearch };
}

/** Has the next updates of Kuzzle's conflict. */
function conflicts(
  { kuzzle }: Awaited<ReturnType<typeof intercepted>>,
  times: number,
  onTry: (changes: JSONObject) => void = () => {},
) {
  mock.method(Math, "random", () => 0);
  const store = kuzzle.answers.get(CONFLICT)!;
  let left = times;
  kuzzle.answers.set(CONFLICT, async (...args) => {
    onTry(args[3] as JSONObject);
    if (left-- > 0) {
      kuzzle.elasticsearch.respond = ({ path }) => {
        if (!path.includes("_update")) {
          return undefined;
        }
        const reason = "[liia]: version conflict, required seqNo [3]";
        const type = "version_conflict_engine_exception";
        return { body: { error: { reason, type }, status: 409 }, status: 409 };
      };
    } else {
      kuzzle.elasticsearch.respond = () => undefined;
    }
    return store(...args);
  });
}

it("runs Kuzzle's own update on the client's own request, and removes the tag alone", async () => {
  const { elasticsearch, kuzzle, native } = await intercepted();
  const requests = [1, 2, 3].map((n) => aNative({ body: { [`n${n}`]: n } }));
  const bodies = requests.map(({ input }) => input.body);
  const seen: unknown[] = [];
  const validate = kuzzle.kuzzle.validation["validate"] as (
    request: KuzzleRequest,
  ) => unknown;
  kuzzle.kuzzle.validation["validate"] = (request: KuzzleRequest) => {
    seen.push(request);
    return validate(request);
  };

  const answers = await Promise.all(requests.map(native));

  assert.deepEqual(seen, requests);
  for (const [n, { input }] of requests.entries()) {
    assert.equal(input.body, bodies[n]);
    assert.deepEqual(Reflect.ownKeys(input.body!), [`n${n + 1}`]);
    const { _source } = answers[n] as { _source: object };
    assert.deepEqual(Object.getOwnPropertySymbols(_source), []);
  }
  const { source, version } = elasticsearch.stored.get("liia")!;
  assert.deepEqual([source["n1"], source["n3"], version], [1, 3, 4]);
  assert.deepEqual(elasticsearch.paths, ["/@&nyc-open-data.yellow-taxi/_bulk"]);
});

it("leaves a request of server code native that it has made by itself, without a user", async () => {
  const { kuzzle, native } = await intercepted({
    guards: { "*/*": { immutable: ["seats"] } },
  });
  const context = { connection: { protocol: null }, user: null };

  await native(aNative({ body: { seats: 9 } }, context));

  assert.equal(kuzzle.elasticsearch.stored.get("liia")!.source["seats"], 9);
});

it("removes the tag also after a failure, from whatever body the request then has", async () => {
  const { kuzzle, native } = await intercepted();
  kuzzle.kuzzle.validation["specification"] = {
    "nyc-open-data": { "yellow-taxi": {} },
  };
  kuzzle.kuzzle.validation["validate"] = (request: KuzzleRequest) => {
    // As Kuzzle, which adds defaults to a copy.
    request.input.body = { ...request.input.body, added: true };
    return Promise.resolve(request);
  };
  for (const _id of ["liia", "gone"]) {
    const request = aNative({ _id });
    const { body } = request.input;

    await native(request).catch(() => {});

    assert.equal(tagOf(body), undefined);
    assert.equal(tagOf(request.input.body), undefined);
    assert.deepEqual(request.input.body, { added: true, seats: 5 });
  }
});

it("gives two requests that share one body a tag each", async () => {
  const { elasticsearch, native } = await intercepted();
  const body = { shared: true };
  const requests = ["liia", "lea"].map((_id) => aNative({ _id }));
  requests.forEach(({ input }) => (input.body = body));

  await Promise.all(requests.map(native));

  for (const id of ["liia", "lea"]) {
    assert.equal(elasticsearch.stored.get(id)?.source["shared"], true);
  }
  assert.deepEqual(Reflect.ownKeys(body), ["shared"]);
});

it("tries again after a conflict with the body and the flags as they were", async () => {
  const plugin = await intercepted();
  const { elasticsearch, kuzzle, native, stats } = plugin;
  kuzzle.pluginPipes.set("generic:document:injectMetadata", [
    (payload) => payload,
  ]);
  const tried: unknown[] = [];
  conflicts(plugin, 2, (changes) => {
    tried.push({ ...changes, _kuzzle_info: undefined });
    (changes["list"] as unknown[]).push("of a listener");
  });
  const request = aNative({ body: { list: [1] }, source: "" }, overHttp());

  const { _source } = (await native(request)) as { _source: JSONObject };

  assert.equal(tried.length, 3);
  for (const each of tried as JSONObject[]) {
    assert.equal((each["list"] as unknown[])[0], 1);
  }
  assert.equal(_source["seats"], 1, "the whole document");
  assert.equal(request.getBoolean("silent"), true, "read by Kuzzle before");
  assert.deepEqual(elasticsearch.stored.get("liia")?.source["list"], [
    1,
    "of a listener",
  ]);
  const { conflicts: counted, retries } = await stats();
  assert.deepEqual([counted, retries], [2, 2]);
});

it("keeps what cannot be copied of a body for another try", async () => {
  const plugin = await intercepted();
  plugin.kuzzle.pluginPipes.set("generic:document:injectMetadata", [
    (payload) => payload,
  ]);
  conflicts(plugin, 1);
  const request = aNative();
  Object.assign(request.input.body!, { call: () => 1 });

  await plugin.native(request);

  assert.equal(plugin.elasticsearch.stored.get("liia")?.source["seats"], 5);
});

it("leaves a body that cannot be tagged, and other collections, to Kuzzle", async () => {
  const { elasticsearch, native, stats } = await intercepted({
    interceptNative: ["nyc-open-data/yellow-*"],
  });
  const before = (await stats()).updates;

  await assert.rejects(native(aNative({ body: undefined })));
  await native(aNative({ body: Object.freeze({ a: 1 }) }));
  await native(aNative({ collection: "green-taxi" }));

  // Counted, as all of the collection are.
  assert.equal((await stats()).updates, before + 2);
  assert.equal(elasticsearch.stored.get("liia")?.version, 3);
});

it("is called, and calls the other, whether another plugin wraps the method before or after it", async () => {
  const calls: string[] = [];
  const wrap = (
    controller: { update: (request: KuzzleRequest) => Promise<unknown> },
    name: string,
  ) => {
    const { update } = controller;
    controller.update = (request) => {
      calls.push(name);
      return update.call(controller, request);
    };
  };
  const plugin = await aPlugin(INTERCEPT, "7", {}, ({ controller }) =>
    wrap(controller, "after"),
  );
  plugin.kuzzle.elasticsearch.store("liia");
  calls.length = 0;

  await plugin.native(aNative());
  assert.deepEqual(calls, ["after"]);
  assert.equal((await plugin.stats()).updates, 1);
});

it("has server code batched and retried, but neither guarded nor folded nor queued", async () => {
  const plugin = await intercepted({
    fold: ["*/*"],
    guards: { "nyc-open-data/*": { readOnly: ["seats"] } },
  });
  const { elasticsearch, kuzzle, native, stats } = plugin;

  await assert.rejects(native(aNative()), {
    id: "plugin.document-update.field_read_only",
  });
  conflicts(plugin, 1);
  await native(aNative({}, ofServerCode));
  await kuzzle.sdk.document.update("nyc-open-data", "yellow-taxi", "lea", {
    seats: 3,
  });

  assert.equal(elasticsearch.stored.get("liia")?.source["seats"], 5);
  assert.equal(elasticsearch.stored.get("lea")?.source["seats"], 3);
  assert.equal((await stats()).folds.count, 0);
});

it("holds conditions, guards, fold and skipUnchanged for clients", async () => {
  const { native, storage } = await aTaxi({
    config: INTERCEPT,
    guards: { "nyc-open-data/*": { immutable: ["owner"] } },
    skips: ["nyc-open-data/*"],
  });

  await assert.rejects(native({ ifVersion: 2 }), {
    id: "plugin.document-update.version_mismatch",
  });
  await assert.rejects(native({}, overHttp({ "if-match": '"2"' })), {
    id: "plugin.document-update.version_mismatch",
  });
  await native({ body: { seats: 4 } });
  assert.equal(storage.document.version, 3);
  await native({ body: { owner: "ann" } });
  await assert.rejects(native({ body: { owner: "joe" } }), {
    id: "plugin.document-update.field_immutable",
  });
  for (const context of [{}, overHttp()]) {
    await assert.rejects(native({ dryRun: true }, context), {
      id: "plugin.document-update.invalid_argument",
      message:
        'Invalid argument "dryRun": expected none for "document:update", found one. Send it to "document-update:update".',
      status: 400,
    } as never);
  }
  assert.equal(storage.document.version, 4);
});

it("tells HTTP clients the version by ETag", async () => {
  const { native } = await intercepted();
  const request = aNative({}, overHttp());

  await native(request);

  assert.equal(request.response.getHeader("etag"), '"2"');
});
