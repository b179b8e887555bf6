import assert from "node:assert/strict";
import { it } from "node:test";

import type {
  JSONObject,
  KuzzleError,
  KuzzleRequest,
  PluginContext,
} from "kuzzle";

import { DocumentUpdatePlugin } from "../../../lib/plugin/DocumentUpdatePlugin";
import {
  aRequest,
  aUser,
  FakeKuzzle,
  ofServerCode,
} from "../../support/fakeKuzzle";
import { aPlugin } from "../../support/aPlugin";
import { RunningKuzzle } from "../../support/runningKuzzle";

// Where there is no other plugin.
new FakeKuzzle();

const aContext = (nodeId?: string, plugins = {}) =>
  ({
    accessors: { nodeId, sdk: {} },
    config: { plugins },
  }) as unknown as PluginContext;

function initialised(config = {}, context = aContext("this-node")) {
  const plugin = new DocumentUpdatePlugin();
  plugin.init(config, context);
  return plugin;
}

it("registers its actions under the configured controller, with routes of their own", () => {
  for (const config of [{}, { controller: "taxis" }]) {
    const { api } = initialised(config);
    const name = config.controller ?? "document-update";

    assert.deepEqual(Object.keys(api ?? {}), [name]);
    const document = `/_/${name}/:index/:collection/:_id`;
    assert.deepEqual(
      Object.values(api?.[name]?.actions ?? {})
        .flatMap(({ http = [] }) => http)
        .map(({ path, verb }) => `${verb} ${path}`)
        .sort(),
      [
        `get /_/${name}/_stats`,
        `patch ${document}/_update`,
        `post ${document}/_modify`,
        // As natively.
        `put ${document}/_update`,
      ],
    );
  }
});

it("names the node by Kuzzle's global where plugins are not given its identifier", async () => {
  new FakeKuzzle();
  const nodeOf = async (nodeId: string | undefined) => {
    const { api } = initialised({}, aContext(nodeId));
    const { handler } = api?.["document-update"]?.actions["stats"] ?? {};
    return ((await handler?.(aRequest())) as { node: string }).node;
  };

  Object.assign(globalThis, { nodeId: "of-the-global" });
  try {
    assert.equal(await nodeOf("a-node"), "a-node");
    assert.equal(await nodeOf(undefined), "of-the-global");
    assert.equal(await nodeOf(""), "of-the-global");
  } finally {
    Reflect.deleteProperty(globalThis, "nodeId");
  }
});

it("counts updates, and those that fail by the id of their error", async () => {
  const { kuzzle, native, stats, update } = await aPlugin(
    { interceptNative: true },
    "7",
    {
      "document:beforeUpdate": () => {
        throw new Error("of a pipe");
      },
    },
  );
  kuzzle.hooks.add("document:beforeUpdate");
  kuzzle.answers.set("core:storage:public:document:update", () => {
    throw new Error("none of Kuzzle's");
  });

  await assert.rejects(update(aRequest()));
  await assert.rejects(update(aRequest({}, { user: null })));
  await assert.rejects(native(aRequest({ controller: "document" })));

  const { failures, updates } = await stats();
  assert.equal(updates, 3);
  assert.deepEqual(failures, {
    "plugin.document-update.user_required": 1,
    "plugin.runtime.unexpected_error": 1,
    unknown: 1,
  });
});

it("gives each route an OpenAPI operation of its own, which Kuzzle writes into", () => {
  const operations = ["document-update", "taxis"].flatMap((controller) =>
    Object.values(initialised({ controller }).api?.[controller]?.actions ?? {})
      .flatMap(({ http = [] }) => http)
      .map(({ openapi }) => openapi),
  );
  const names = ["modify", "stats", "update.put", "update"];

  assert.equal(new Set(operations).size, 8);
  assert.deepEqual(
    operations.map((each) => each?.["operationId"] as unknown),
    ["document-update", "taxis"].flatMap((controller) =>
      names.map((name) => `${controller}.${name}`),
    ),
  );
});

it("applies guards to native actions, and once to its own updates", async () => {
  const config = { guards: { "nyc-open-data/*": { readOnly: ["a.b"] } } };
  const { kuzzle, plugin, update } = await aPlugin(config);
  const store = (body: JSONObject) => kuzzle.elasticsearch.store("liia", body);
  const pipe = plugin.pipes?.["document:beforeUpdate"] as unknown as (
    request: KuzzleRequest,
    done: () => void,
  ) => Promise<unknown> | undefined;
  const refused = { id: "plugin.document-update.field_read_only" };
  const data = { body: { a: { x: 1 } } };
  store({ a: [{ b: 1 }] });
  const reads = () =>
    kuzzle.elasticsearch.paths.filter((path) => path.includes("liia")).length +
    kuzzle.elasticsearch.sent.filter(({ path }) => path.endsWith("_mget"))
      .length;

  await assert.rejects(
    async () => pipe(aRequest({ ...data, controller: "document" }), () => {}),
    refused,
  );
  assert.equal(reads(), 1);

  const seen: unknown[] = [];
  kuzzle.pluginPipes.set("document:before*", [() => {}]);
  Object.assign(global.app, {
    trigger: async (event: string, payload: KuzzleRequest) => {
      if (event === "document:beforeUpdate") {
        seen.push(pipe(payload, () => {}));
      }
      return payload;
    },
  });
  await assert.rejects(update(aRequest(data)), refused);
  assert.deepEqual(seen, [undefined]);
  assert.equal(reads(), 2);
});

it("checks native updates by a pipe where it does not intercept them, and other writes everywhere", async () => {
  const { kuzzle, native, plugin } = await aPlugin({
    guards: { "nyc-open-data/*": { readOnly: ["seats"] } },
    interceptNative: ["nyc-open-data/yellow-*"],
  });
  kuzzle.elasticsearch.store("liia");
  const pipe = (event: string, request: KuzzleRequest) => {
    const run = plugin.pipes![event] as unknown as (
      request: KuzzleRequest,
      done: () => void,
    ) => void;
    run(request, () => {});
  };
  const refused = { id: "plugin.document-update.field_read_only" };
  const controller = "document";

  const other = aRequest({ collection: "green-taxi", controller });
  assert.throws(() => pipe("document:beforeUpdate", other), refused);
  pipe("document:beforeUpdate", aRequest({ controller }));
  await assert.rejects(native(aRequest({ controller })), refused);

  const documents = [{ _id: "liia", body: { seats: 5 } }];
  const many = aRequest({ action: "mUpdate", body: { documents }, controller });
  assert.throws(() => pipe("document:beforeMUpdate", many), refused);
});

/** The message of the error that Kuzzle gets when it reads the API, right after the plugin's `init`. */
function mistakeOf(config: JSONObject, plugins: JSONObject = {}): string {
  try {
    void initialised(config, aContext(undefined, plugins)).api;
  } catch (error) {
    const { id, message } = error as KuzzleError;
    assert.equal(id, "plugin.document-update.invalid_configuration");
    return message;
  }
  return "started";
}

it("does not start with an invalid configuration, and no plugin is blamed for it", () => {
  assert.equal(
    mistakeOf({ checkRights: 1 }),
    'Invalid configuration key "plugins.document-update.checkRights": expected a boolean, found 1.',
  );
});

it("does not start if what is configured has a name that is nearly the plugin's", () => {
  for (const name of [
    ...["documentUpdate", "DocumentUpdate", "document_update"],
    ...["document-updates", "docment-update", "documentUpdatePlugin"],
    "kuzzle-plugin-document-update",
  ]) {
    assert.equal(
      mistakeOf({}, { common: {}, [name]: { fold: [] } }),
      `Invalid configuration key "plugins.${name}": expected the name of a plugin that the application uses, found { fold: [] }. Did you mean "document-update"?`,
    );
  }
  new FakeKuzzle().plugins.set("document-update", {});
  const others = ["common", "document-upload", "kuzzle-plugin-logger"];
  for (const name of ["document-update", ...others]) {
    assert.equal(mistakeOf({}, { [name]: {} }), "started");
  }
});

it("takes the name that the application gives to the plugin, and those of its other plugins", () => {
  const kuzzle = new FakeKuzzle();
  const plugin = new DocumentUpdatePlugin();
  kuzzle.plugins.set("taxis", plugin).set("documents-update", {});
  const start = (config: JSONObject, plugins: JSONObject) => () => {
    plugin.init(config, aContext(undefined, plugins));
    return plugin.api;
  };
  try {
    assert.ok(start({}, { "documents-update": {}, taxis: {} })());
    assert.throws(
      start({ folds: [] }, {}),
      /"plugins\.taxis\.folds": .* Did you mean "fold"\?$/,
    );
    assert.throws(
      start({}, { "document-update": {} }),
      /"plugins\.document-update": .* Did you mean "taxis"\?$/,
    );
  } finally {
    new FakeKuzzle();
  }
});

it("answers a caller without the native right with what pipes of the refusal set", async () => {
  const { update } = await aPlugin({}, "7", {
    "request:onUnauthorized": (payload) => {
      (payload as KuzzleRequest).response.setHeader(
        "WWW-Authenticate",
        "Bearer",
      );
      return payload;
    },
  });
  const request = aRequest({}, { user: aUser({ allowed: false }) });

  await assert.rejects(update(request));

  assert.equal(request.response.getHeader("www-authenticate"), "Bearer");
});

it("runs a request of server code without a user as the application", async () => {
  const { kuzzle, modify, update } = await aPlugin();
  kuzzle.elasticsearch.store("liia", { seats: 1 });
  const body = { operators: { increment: { seats: 1 } } };

  await update(aRequest({}, ofServerCode));
  await modify(aRequest({ body }, ofServerCode));

  const { source } = kuzzle.elasticsearch.stored.get("liia")!;
  assert.equal(source["seats"], 6);
  assert.equal(source["_kuzzle_info"].updater, null);
});

it("registers only the pipes and hooks that it needs", () => {
  new RunningKuzzle();
  const events = (config = {}) => {
    const { hooks = {}, pipes = {} } = initialised(config);
    return [Object.keys(hooks), Object.keys(pipes)];
  };
  const profilesRead = "core:security:profile:mGet";
  const arrived = ["request:onExecution", "request:afterExecution"];
  const pipes = ["kuzzle:shutdown", "kuzzle:state:live"];

  const all = [[profilesRead, ...arrived], pipes];
  assert.deepEqual(events(), all);
  assert.deepEqual(events({ checkRights: false }), [arrived, pipes]);
  assert.deepEqual(events({ controller: "taxis", interceptNative: true }), all);
});

it("warns once of a Kuzzle that is not as expected, or does not start with what needs it", async () => {
  const warned = async (config = {}) => {
    const { warnings } = await aPlugin(config, "7", {}, () => {
      Object.defineProperty(globalThis, "kuzzle", { value: {} });
    });
    return warnings;
  };
  const parts = [
    ...["its client of Elasticsearch", "its creation of documents"],
    "the validation of its document controller",
    "its reads of documents",
    ...["its map of pipes and hooks", "its specifications of collections"],
  ];

  const [warning, ...others] = await warned();
  assert.deepEqual(others, []);
  assert.ok(
    warning?.startsWith(
      `This Kuzzle is not as expected, and the plugin does without: ${parts.join(", ")}. `,
    ),
    warning,
  );
  await assert.rejects(warned({ interceptNative: true }), {
    id: "plugin.document-update.unsupported_kuzzle",
    props: [
      "interceptNative",
      [...parts.slice(0, 4), "its document controller", ...parts.slice(4)].join(
        ", ",
      ),
    ],
  } as never);
});

it("stores every update by itself, as native does, in a Kuzzle that is not as expected", async () => {
  const { kuzzle, update } = await aPlugin({}, "7", {}, (running) =>
    running.pluginPipes.delete("kuzzle:state:live"),
  );
  kuzzle.elasticsearch.store("liia");

  await Promise.all([1, 2, 3].map((n) => update(aRequest({ body: { n } }))));

  assert.deepEqual(kuzzle.validated, ["liia", "liia", "liia"]);
  assert.ok(
    kuzzle.elasticsearch.paths.every((path) => !/_bulk|_mget/.test(path)),
  );
  assert.equal(kuzzle.elasticsearch.stored.get("liia")?.version, 4);
});

it("says in one line at start what is in force", async () => {
  const said = async (
    config: JSONObject,
    change = ({ kuzzle }: RunningKuzzle) => {
      kuzzle["secret"] = "a secret";
    },
  ) => (await aPlugin(config, "7", {}, change)).infos;

  assert.deepEqual(await said({}), [
    "In force: native updates intercepted: none; folded: none; guarded: none; batched: yes; token key prepared: no",
  ]);
  assert.deepEqual(
    await said({
      batchWrites: false,
      fold: ["iot/*", "a/b"],
      guards: { "crm/customers": { readOnly: ["legacyId"] } },
      interceptNative: true,
      prepareJwtKey: true,
    }),
    [
      "In force: native updates intercepted: all; folded: iot/*, a/b; guarded: crm/customers; batched: no; token key prepared: yes",
    ],
  );
  const [line] = await said({ interceptNative: ["iot/*"] });
  assert.match(line!, /intercepted: iot\/\*;/);
  const [other] = await said({}, ({ pluginPipes }) =>
    pluginPipes.delete("kuzzle:state:live"),
  );
  assert.match(other!, /batched: no;/);
});

it("prepares the key of tokens while the application runs, if configured", async () => {
  const secretOf = async (config: JSONObject) => {
    const { kuzzle, plugin } = await aPlugin(config, "7", {}, (running) => {
      running.kuzzle["secret"] = "a secret";
    });
    const before = kuzzle.kuzzle["secret"];
    await (plugin.pipes?.["kuzzle:shutdown"] as () => Promise<void>)();
    assert.equal(kuzzle.kuzzle["secret"], "a secret");
    return typeof before;
  };

  assert.equal(await secretOf({}), "string");
  assert.equal(await secretOf({ prepareJwtKey: true }), "object");
});

it("leaves the events and the right of an intercepted request to Kuzzle", async () => {
  const { kuzzle, native } = await aPlugin({ interceptNative: true });
  kuzzle.elasticsearch.store("liia");
  kuzzle.hooks.add("document:beforeUpdate");
  const user = aUser({ allowed: false });

  await native(aRequest({ controller: "document" }, { user }));
  await native(aRequest({ controller: "document", ifVersion: 2 }, { user }));
  assert.deepEqual(kuzzle.events, []);
});

it("fires all events for a listener to any of them, also by wildcard", async () => {
  for (const event of [
    "generic:document:beforeUpdate",
    "document:before*",
    "document:after*",
    "generic:document:*",
    "document:errorUpdate",
  ]) {
    const { kuzzle, update } = await aPlugin();
    kuzzle.elasticsearch.store("liia");
    kuzzle.hooks.add(event);

    await update(aRequest());

    assert.equal(kuzzle.events.length, 4, event);
  }
});

it("tells of the deprecated verb as natively, in development alone", async () => {
  const { kuzzle, update } = await aPlugin();
  kuzzle.elasticsearch.store("liia");
  const deprecationsOf = async (verb: string) => {
    const connection = { id: "1", protocol: "http", verb };
    const request = aRequest({}, { connection });
    await update(request);
    return request.deprecations;
  };
  const mode = global.NODE_ENV;

  try {
    global.NODE_ENV = "production";
    assert.equal(await deprecationsOf("PUT"), undefined);
    global.NODE_ENV = "development";
    assert.equal(await deprecationsOf("PATCH"), undefined);
    assert.deepEqual(await deprecationsOf("PUT"), [
      {
        message: 'Use "document:update" route with PATCH instead of PUT',
        version: "2.11.0",
      },
    ]);
  } finally {
    global.NODE_ENV = mode;
  }
});
