import assert from "node:assert/strict";
import { afterEach, it, mock } from "node:test";

import type { JSONObject, KuzzleRequest } from "kuzzle";

import { Seams, type UpdateHandler } from "../../../lib/kuzzle/Seams";
import {
  type ClientCall,
  type ReadCall,
  tagged,
  type WriteTag,
} from "../../../lib/kuzzle/WriteTag";
import { checkedAgain } from "../../support/aWrite";
import {
  clientVersion,
  FakeElasticsearch,
  type Version,
  versions,
} from "../../support/fakeElasticsearch";
import { aRequest, copyChanges } from "../../support/fakeKuzzle";
import { RunningKuzzle } from "../../support/runningKuzzle";

afterEach(() => mock.timers.reset());

interface Given {
  /** Makes another Kuzzle of it before the plugin sees it. */
  readonly change: (kuzzle: RunningKuzzle) => void;
  readonly onNativeUpdate: UpdateHandler | undefined;
  readonly version: Version;
}

/** Seams in a running Kuzzle that has a taxi, once they are checked. */
async function someSeams({
  change = () => {},
  onNativeUpdate,
  version = "7",
}: Partial<Given> = {}) {
  const kuzzle = new RunningKuzzle({}, version);
  const { elasticsearch } = kuzzle;
  elasticsearch.store("liia", { seats: 5 });
  // As the plugin listens.
  kuzzle.pluginPipes.set("kuzzle:state:live", [() => {}]);
  kuzzle.hooks.clear();
  kuzzle.hooks.add("request:onExecution");
  change(kuzzle);
  const foreign: unknown[] = [];
  const late: unknown[] = [];
  const seams = new Seams(({ id, index }) => foreign.push([id, index]));
  seams.install(onNativeUpdate);
  const missing = await seams.verify((parts) => late.push(...parts));
  const checked = elasticsearch.paths.splice(0);
  elasticsearch.sent.length = 0;

  return { checked, elasticsearch, foreign, kuzzle, late, missing, seams };
}

const UPDATE = "core:storage:public:document:update";

const storedBy = (kuzzle: RunningKuzzle, changes: JSONObject = { seats: 4 }) =>
  kuzzle.answers.get(UPDATE)!("iot", "taxis", "liia", changes, {});

/** A tag that notes its calls. */
function aTag({
  isReadSkipped = false,
  version = "7",
}: { isReadSkipped?: boolean; version?: Version } = {}) {
  const calls: (ClientCall | ReadCall)[] = [];
  const validated: KuzzleRequest[] = [];
  const { answer } = clientVersion(version);
  const tag: WriteTag = {
    onUpdate: async (call) => {
      calls.push(call);
      return answer({ _id: "liia", _version: 7, get: { _source: {} } });
    },
    onValidate: (request) => {
      validated.push(request);
      return isReadSkipped;
    },
    read: async (call) => {
      calls.push(call);
      return answer({ _source: {} });
    },
  };

  return { calls, tag, validated };
}

for (const version of versions) {
  it(`are used with version ${version} of the client, after a check that stores nothing`, async () => {
    const { checked, elasticsearch, kuzzle, missing, seams } = await someSeams({
      onNativeUpdate: (request, native) => native(request),
      version,
    });

    assert.deepEqual(missing, []);
    assert.ok(seams.isTrusted);
    assert.deepEqual(
      { ...seams.version, answer: 0, bulk: 0, index: 0, mget: 0 },
      { ...clientVersion(version), answer: 0, bulk: 0, index: 0, mget: 0 },
    );
    assert.equal(
      seams.version?.answer({}) !== undefined &&
        "body" in seams.version.answer({}),
      version === "7",
    );
    assert.deepEqual(checked.sort(), [
      "/",
      "/@&document-update.check/_doc/check",
    ]);
    assert.deepEqual(kuzzle.validated, []);
    assert.deepEqual(elasticsearch.stored.get("liia")?.version, 1);
  });

  it(`let the tag of an update read and store it, with version ${version}`, async () => {
    const { elasticsearch, foreign, kuzzle } = await someSeams({ version });
    const { calls, tag, validated } = aTag({ version });
    const request = aRequest({ body: tagged({ seats: 4 }, tag) });

    await kuzzle.controller.update(request);

    assert.deepEqual(validated, [request]);
    assert.deepEqual(
      calls.map(({ client, params, version: known }) => [
        client === elasticsearch.client,
        params["id"],
        params["index"],
        known.ResponseError,
      ]),
      Array.from({ length: 2 }, () => [
        true,
        "liia",
        "@&nyc-open-data.yellow-taxi",
        clientVersion(version).ResponseError,
      ]),
    );
    assert.deepEqual(elasticsearch.sent, []);
    assert.deepEqual(foreign, []);
  });
}

it("let the tag skip the validation, or refuse the update", async () => {
  const { kuzzle } = await someSeams();
  const { calls, tag } = aTag({ isReadSkipped: true });
  const refusal = new Error("refused");
  const onValidate = () => {
    throw refusal;
  };

  await kuzzle.controller.update(aRequest({ body: tagged({}, tag) }));
  await assert.rejects(
    kuzzle.controller.update(
      aRequest({ body: tagged({}, { ...tag, onValidate }) }),
    ),
    (found) => found === refusal,
  );

  assert.deepEqual(kuzzle.validated, []);
  assert.equal(calls.length, 1);
});

it("leave all else to Kuzzle, and tell of updates without a tag", async () => {
  const { elasticsearch, foreign, kuzzle } = await someSeams();
  const { client } = elasticsearch;

  await kuzzle.controller.update(aRequest());
  await storedBy(kuzzle);
  assert.equal(elasticsearch.stored.get("liia")?.version, 3);
  assert.deepEqual(kuzzle.validated, ["liia"]);
  assert.deepEqual(foreign, [
    ["liia", "@&nyc-open-data.yellow-taxi"],
    ["liia", "@&iot.taxis"],
  ]);

  // Calls that are not Kuzzle's.
  const { calls, tag } = aTag();
  const { get, update } = client as unknown as Record<
    "get" | "update",
    (...args: unknown[]) => Promise<unknown>
  >;
  const params = { id: "liia", index: "@&iot.taxis" };
  const body = { doc: tagged({}, tag) };
  await update.call(client, { ...params, body }, { maxRetries: 0 });
  await get.call(client, params, {});
  await assert.rejects(async () => update.call(client));
  assert.deepEqual(calls, []);
  assert.equal(foreign.length, 2);
});

it("replace a read only within the validation of its own update", async () => {
  const { elasticsearch, kuzzle } = await someSeams();
  const { client } = elasticsearch;
  const params = { id: "liia", index: "@&iot.taxis" };
  const { calls, tag } = aTag();
  const read = async (call: ReadCall) => {
    calls.push(call);
    // The client itself, although it is asked in the same context.
    return client.get(call.params);
  };
  elasticsearch.store("liia");

  const [found] = await Promise.all([
    client.get(params),
    kuzzle.controller.update(aRequest({ body: tagged({}, { ...tag, read }) })),
  ]);

  assert.equal((found as { body: JSONObject }).body["_id"], "liia");
  assert.equal(calls.length, 2);
});

it("answer carefully about Kuzzle's state until it is checked", async () => {
  const { kuzzle, seams } = await someSeams();
  const unchecked = new Seams(() => {});
  kuzzle.kuzzle.validation["specification"] = {
    iot: { taxis: { fields: { children: { seats: { mandatory: true } } } } },
  };

  for (const [each, isChecked] of [
    [unchecked, false],
    [seams, true],
  ] as const) {
    assert.equal(each.isTrusted, isChecked);
    assert.equal(each.hearing(["document:beforeUpdate"])(), !isChecked);
    assert.equal(each.isSpecified("iot", "cars"), !isChecked);
    assert.equal(each.isFieldNeeded("iot", "taxis", ["seats"]), isChecked);
  }
});

const client = "its client of Elasticsearch";
const creates = "its creation of documents";
const reads = "its reads of documents";
const validation = "the validation of its document controller";

/** By what is otherwise in a Kuzzle: how it comes to be, and what the check misses. */
const OTHERS: Readonly<
  Record<
    string,
    readonly [change: (kuzzle: RunningKuzzle) => void, ...missing: string[]]
  >
> = {
  "a client that server code is not given": [
    () => Object.assign(global.app, { storage: undefined }),
    client,
    creates,
    reads,
  ],
  "a client of another class than Kuzzle's own": [
    () =>
      Object.assign(global.app, {
        storage: { storageClient: new FakeElasticsearch().client },
      }),
    client,
    creates,
    reads,
  ],
  "a client whose methods cannot be replaced": [
    ({ elasticsearch }) => {
      const { constructor } = elasticsearch.client;
      Object.freeze((constructor as { prototype?: object }).prototype);
    },
    client,
    creates,
    reads,
  ],
  "a client without the method": [
    ({ elasticsearch }) =>
      Object.assign(
        (elasticsearch.client.constructor as { prototype?: object }).prototype!,
        { get: undefined },
      ),
    reads,
  ],
  "an event that nobody answers": [
    ({ answers }) => answers.delete("core:storage:private:document:get"),
    reads,
  ],
  "changes that are copied on the way to storage": [
    (kuzzle) => copyChanges(kuzzle, "private"),
    client,
  ],
  "changes that are copied on the way to the controller": [
    ({ kuzzle }) => {
      const funnel = kuzzle["funnel"] as {
        executePluginRequest: (request: KuzzleRequest) => unknown;
      };
      const run = funnel.executePluginRequest;
      funnel.executePluginRequest = (request) => {
        request.input.body = JSON.parse(
          JSON.stringify(request.input.body),
        ) as JSONObject;
        return run(request);
      };
    },
    validation,
  ],
  "a validation of another name": [
    ({ kuzzle }) => {
      const { validate } = kuzzle.validation;
      Object.assign(kuzzle, {
        validation: { check: validate, specification: {} },
      });
    },
    validation,
  ],
  "a validation that cannot be replaced": [
    ({ kuzzle }) => Object.freeze(kuzzle.validation),
    validation,
  ],
  "a document controller that is not the one that is called": [
    ({ controller, kuzzle }) => {
      const executePluginRequest = controller.update.bind(controller);
      Object.assign(kuzzle["funnel"] as object, { executePluginRequest });
    },
    "its document controller",
  ],
  "no document controller": [
    ({ kuzzle }) =>
      Object.assign(kuzzle["funnel"] as object, { controllers: new Map() }),
    "its document controller",
  ],
  "pipes elsewhere": [
    ({ kuzzle }) => Object.assign(kuzzle, { pluginPipes: undefined }),
    "its map of pipes and hooks",
  ],
  "hooks elsewhere": [
    ({ kuzzle }) => Object.assign(kuzzle, { listenerCount: () => 0 }),
    "its map of pipes and hooks",
  ],
  "a listener to all events": [
    ({ kuzzle }) => Object.assign(kuzzle, { listenerCount: () => 1 }),
    "its map of pipes and hooks",
  ],
  "specifications in another form": [
    ({ kuzzle }) => {
      kuzzle.validation["specification"] = { iot: new Map() };
    },
    "its specifications of collections",
  ],
  "an Elasticsearch that cannot be told to create no index": [
    ({ elasticsearch }) => {
      elasticsearch.number = "7.9.3";
    },
    client,
  ],
};

for (const [other, [change, ...expected]] of Object.entries(OTHERS)) {
  it(`are not used, none of them, with ${other}`, async () => {
    const { elasticsearch, kuzzle, late, missing, seams } = await someSeams({
      change,
      onNativeUpdate: (request, native) => native(request),
    });

    assert.deepEqual(missing, expected);
    assert.deepEqual(late, []);
    assert.ok(!seams.isTrusted);
    assert.equal(seams.version, undefined);
    // Kuzzle itself works as before.
    if (
      other !== "a client without the method" &&
      other !== "an event that nobody answers" &&
      other !== "a validation of another name"
    ) {
      const { version } = elasticsearch.stored.get("liia")!;
      await storedBy(kuzzle);
      assert.equal(elasticsearch.stored.get("liia")?.version, version + 1);
    }
  });
}

it("are not used if the client cannot be asked for its version, and say why", async () => {
  const { missing, seams } = await someSeams({
    change: ({ elasticsearch }) =>
      Object.assign(elasticsearch.client, { info: undefined }),
  });

  assert.ok(!seams.isTrusted);
  assert.match(String(missing), /^its client of Elasticsearch \(TypeError: /);
});

it("miss no document controller that they need not replace", async () => {
  const { missing } = await someSeams({
    change: ({ kuzzle }) =>
      Object.assign(kuzzle["funnel"] as object, { controllers: new Map() }),
  });

  assert.deepEqual(missing, []);
});

it("are checked again if storage did not answer, until it does", async () => {
  for (const number of ["7.10.2", "7.9.3"]) {
    mock.timers.enable({ apis: ["setTimeout"] });
    const { elasticsearch, late, missing, seams } = await someSeams({
      change: ({ elasticsearch: storage }) => {
        storage.number = number;
        storage.respond = () => ({ body: {}, status: 503 });
      },
    });
    assert.deepEqual(missing, []);

    await checkedAgain(elasticsearch);
    assert.ok(!seams.isTrusted);
    elasticsearch.respond = () => undefined;
    await checkedAgain(elasticsearch);

    assert.equal(seams.isTrusted, number === "7.10.2");
    assert.deepEqual(late, seams.isTrusted ? [] : [client]);
    mock.timers.reset();
  }
});
