import assert from "node:assert/strict";
import { it } from "node:test";

import type { JSONObject, KuzzleRequest, PluginContext } from "kuzzle";

import { DocumentUpdatePlugin } from "../../../lib/plugin/DocumentUpdatePlugin";
import { aRequest, aUser, FakeKuzzle } from "../../support/fakeKuzzle";
import { aPlugin } from "../../support/aPlugin";

const written = { _id: "liia", _source: { seats: 5 }, _version: 2 };

function aContext(update = async (): Promise<unknown> => written) {
  const impersonated = { document: { update }, query: update };
  return {
    accessors: { nodeId: "this-node", sdk: { as: () => impersonated } },
  } as unknown as PluginContext;
}

function initialised(config = {}, context = aContext()) {
  const plugin = new DocumentUpdatePlugin();
  plugin.init(config, context);
  return plugin;
}

const handlerOf = (
  plugin: DocumentUpdatePlugin,
  controller = "document-update",
  action = "update",
) => {
  const handler = plugin.api?.[controller]?.actions[action]?.handler;
  assert.ok(handler);
  return handler;
};

it("registers its action under document-update, with both verbs of the native route", () => {
  const { api } = initialised();

  assert.deepEqual(Object.keys(api ?? {}), ["document-update"]);
  assert.deepEqual(
    api?.["document-update"]?.actions["update"]?.http?.map(
      ({ path, verb }) => `${verb} ${path}`,
    ),
    [
      "put /_/document-update/:index/:collection/:_id/_update",
      "patch /_/document-update/:index/:collection/:_id/_update",
    ],
  );
});

it("registers its action under the configured controller", () => {
  const { api } = initialised({ controller: "taxis" });

  assert.equal(
    api?.["taxis"]?.actions["update"]?.http?.[0]?.path,
    "/_/taxis/:index/:collection/:_id/_update",
  );
});

it("registers modify, under a route of its own", () => {
  const { api } = initialised({ controller: "taxis" });

  assert.deepEqual(
    api?.["taxis"]?.actions["modify"]?.http?.map(
      ({ path, verb }) => `${verb} ${path}`,
    ),
    ["post /_/taxis/:index/:collection/:_id/_modify"],
  );
});

it("refuses conditional changes in a Kuzzle that is not as expected", async () => {
  const { elasticsearch } = new FakeKuzzle();
  elasticsearch.store("liia");
  const plugin = initialised();
  const modify = handlerOf(plugin, "document-update", "modify");

  for (const refused of [
    modify(aRequest({ body: { operators: { now: ["seenAt"] } } })),
    handlerOf(plugin)(aRequest({ skipUnchanged: true })),
  ]) {
    await assert.rejects(refused, {
      id: "plugin.document-update.conditional_writes_unavailable",
    });
  }
});

it("registers stats, under a route of its own", async () => {
  const { api } = initialised({ controller: "taxis" });
  const { handler, http } = api?.["taxis"]?.actions["stats"] ?? {};

  new FakeKuzzle();
  await handlerOf(initialised({ controller: "taxis" }), "taxis")(aRequest());
  assert.deepEqual(
    http?.map(({ path, verb }) => `${verb} ${path}`),
    ["get /_/taxis/_stats"],
  );
  assert.ok(handler);
  const { node, updates } = await handler(aRequest());
  assert.deepEqual({ node, updates }, { node: "this-node", updates: 0 });
});

it("names the node by Kuzzle's global where plugins are not given its identifier", async () => {
  new FakeKuzzle();
  const nodeOf = async (nodeId: string | undefined) => {
    const context = aContext();
    Object.assign(context.accessors, { nodeId });
    const { api } = initialised({}, context);
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
  new FakeKuzzle({
    "document:beforeUpdate": () => {
      throw new Error("of a pipe");
    },
  });
  const plugin = initialised(
    {},
    aContext(() => Promise.reject(new Error("none of Kuzzle's"))),
  );
  const stats = plugin.api?.["document-update"]?.actions["stats"]?.handler;
  assert.ok(stats);

  await assert.rejects(handlerOf(plugin)(aRequest()));
  await assert.rejects(handlerOf(plugin)(aRequest({}, { user: null })));
  // Intercepted.
  await assert.rejects(handlerOf(plugin)(aRequest({ controller: "document" })));

  const { failures, updates } = await stats(aRequest());
  assert.equal(updates, 3);
  assert.deepEqual(failures, {
    unknown: 1,
    "plugin.document-update.user_required": 1,
    "plugin.runtime.unexpected_error": 1,
  });
});

it("gives each route an OpenAPI operation of its own, which Kuzzle writes into", () => {
  const operationsOf = (controller: string) =>
    Object.values(initialised({ controller }).api?.[controller]?.actions ?? {})
      .flatMap(({ http = [] }) => http)
      .map(({ openapi }) => openapi);
  const operations = [
    ...operationsOf("document-update"),
    ...operationsOf("taxis"),
  ];

  assert.equal(new Set(operations).size, 8);
  assert.deepEqual(
    operations.map((each) => each?.["operationId"] as unknown),
    [
      "document-update.modify",
      "document-update.stats",
      "document-update.update.put",
      "document-update.update",
      "taxis.modify",
      "taxis.stats",
      "taxis.update.put",
      "taxis.update",
    ],
  );
});

it("applies the configured guards and skipUnchanged", async () => {
  const { kuzzle, update } = await aPlugin({
    guards: { "nyc-open-data/*": { readOnly: ["legacyId"] } },
  });
  kuzzle.elasticsearch.store("liia");
  const refused = { id: "plugin.document-update.field_read_only" };

  await assert.rejects(update(aRequest({ body: { legacyId: 1 } })), refused);
  await update(aRequest());
  // Only the plugin listens.
  assert.deepEqual(kuzzle.events, []);
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

it("checks native updates itself where it cannot intercept them", async () => {
  const { plugin } = await aPlugin({
    guards: { "nyc-open-data/*": { readOnly: ["seats"] } },
    interceptNative: true,
  });
  const pipe = plugin.pipes?.["document:beforeUpdate"] as unknown as (
    request: KuzzleRequest,
  ) => void;

  assert.throws(() => pipe(aRequest({ controller: "document" })), {
    id: "plugin.document-update.field_read_only",
  });
});

it("does not start with an invalid configuration", () => {
  assert.throws(() => initialised({ checkRights: 1 }), {
    id: "plugin.document-update.invalid_configuration",
  });
});

it("updates a document", async () => {
  new FakeKuzzle();

  assert.deepEqual(await handlerOf(initialised())(aRequest()), written);
});

it("asks for the native right before the first event, unless told otherwise", async () => {
  const request = () => aRequest({}, { user: aUser({ allowed: false }) });
  const kuzzle = new FakeKuzzle();

  await assert.rejects(handlerOf(initialised())(request()), {
    id: "security.rights.forbidden",
  });
  assert.deepEqual(kuzzle.events, ["request:onUnauthorized"]);
  assert.deepEqual(
    await handlerOf(initialised({ checkRights: false }))(request()),
    written,
  );
});

it("answers a caller without the native right with what pipes of the refusal set", async () => {
  new FakeKuzzle({
    "request:onUnauthorized": (payload) => {
      (payload as KuzzleRequest).response.setHeader(
        "WWW-Authenticate",
        "Bearer",
      );
      return payload;
    },
  });
  const request = aRequest({}, { user: aUser({ allowed: false }) });

  await assert.rejects(handlerOf(initialised())(request));

  assert.equal(request.response.getHeader("www-authenticate"), "Bearer");
});

it("refuses a request without a user, with both values of checkRights", async () => {
  const kuzzle = new FakeKuzzle();

  for (const checkRights of [true, false]) {
    await assert.rejects(
      handlerOf(initialised({ checkRights }))(aRequest({}, { user: null })),
      {
        id: "plugin.document-update.user_required",
      },
    );
  }
  assert.deepEqual(kuzzle.events, []);
});

it("registers only the pipes and hooks that it needs", () => {
  const events = (config = {}) => {
    const { hooks = {}, pipes = {} } = initialised(config);
    return [Object.keys(hooks), Object.keys(pipes)];
  };
  const profilesRead = "core:security:profile:mGet";
  const hooked = "document-update-check:hooked";
  const pipes = [
    "document-update-check:piped",
    "kuzzle:shutdown",
    "kuzzle:state:ready",
  ];

  assert.deepEqual(events(), [[hooked, profilesRead], pipes]);
  assert.deepEqual(events({ checkRights: false }), [[hooked], pipes]);
  assert.deepEqual(events({ controller: "taxis", interceptNative: true }), [
    [hooked, profilesRead, "kuzzle:state:ready"],
    [
      ...pipes,
      "request:onExecution",
      "request:afterExecution",
      "taxis:errorUpdate",
    ],
  ]);
});

it("checks what it needs of Kuzzle, and warns of what is not as expected", async () => {
  const needed = async (config = {}) => {
    new FakeKuzzle();
    // No check passes.
    Object.defineProperty(globalThis, "kuzzle", { value: {} });
    const warnings: string[] = [];
    const plugin = new DocumentUpdatePlugin();
    plugin.init(config, {
      ...aContext(),
      log: { warn: (message: string) => warnings.push(message) },
    } as unknown as PluginContext);
    await (plugin.pipes?.["kuzzle:state:ready"] as () => Promise<void>)();
    assert.equal(warnings.length, 1);
    return [
      ...String(warnings).matchAll(
        /(?:without: |; )(.*?)(?:: .*?)? \(without it/g,
      ),
    ].map(([, name]) => name);
  };
  const always = [
    "its map of pipes and hooks",
    "its specifications of collections",
    "the embedded SDK's protocol",
    "its reads of documents",
    "the validation of its document controller",
    "its client of Elasticsearch",
  ];
  const profiles = "the profiles that it reads to check a right";

  assert.deepEqual(await needed({ checkRights: false }), always);
  assert.deepEqual(await needed(), [...always, profiles]);
  assert.deepEqual(await needed({ fold: ["*/*"], interceptNative: true }), [
    ...always,
    profiles,
    "the order of the events of its funnel",
  ]);
});

it("fires every event until it knows what listens", async () => {
  const kuzzle = new FakeKuzzle();
  kuzzle.hooks.clear();

  await handlerOf(initialised())(aRequest());

  assert.equal(kuzzle.events.length, 4);
});

it("leaves the events and the right of an intercepted request to Kuzzle", async () => {
  const kuzzle = new FakeKuzzle();
  const handler = handlerOf(initialised({ interceptNative: true }));
  const request = aRequest(
    { controller: "document" },
    { user: aUser({ allowed: false }) },
  );

  assert.deepEqual(await handler(request), written);
  assert.deepEqual(kuzzle.events, []);
});

it("creates no request for events without listeners", async () => {
  const { kuzzle, update } = await aPlugin();
  kuzzle.elasticsearch.store("liia");

  await update(aRequest());
  assert.deepEqual(kuzzle.events, []);

  const forbidden = () => aRequest({}, { user: aUser({ allowed: false }) });
  await assert.rejects(update(forbidden()), {
    id: "security.rights.forbidden",
  });
  const open = await aPlugin({ checkRights: false });
  open.kuzzle.elasticsearch.store("liia");
  await open.update(forbidden());
  assert.deepEqual(open.kuzzle.events, []);
});

it("creates one for a listener to any of the events, also by wildcard", async () => {
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

it("creates one for the deprecated route, which the answer mentions", async () => {
  const { kuzzle, update } = await aPlugin();
  kuzzle.elasticsearch.store("liia");
  const connection = { id: "1", protocol: "http", verb: "PUT" };

  await update(aRequest({}, { connection }));

  assert.equal(kuzzle.events.length, 4);
});

it("warns of nothing in a Kuzzle that is as expected", async () => {
  const config = { batchWrites: "application", fold: ["*/*"] };

  assert.deepEqual((await aPlugin(config)).warnings, []);
});

it("batches reads and writes of native updates, if configured", async () => {
  const batched = async (config: JSONObject, action: string) => {
    const { kuzzle } = await aPlugin(config);
    const ids = ["a", "b"];
    ids.forEach((id) => kuzzle.elasticsearch.store(id));
    const asked = kuzzle.elasticsearch.sent.length;
    const validate = kuzzle.kuzzle.validation["validate"] as (
      request: KuzzleRequest,
    ) => Promise<unknown>;
    const store = (id: string) =>
      global.kuzzle.ask(
        "core:storage:public:document:update",
        ...["nyc-open-data", "yellow-taxi", id, {}, {}],
      );

    // The first of them shows which client is Kuzzle's own.
    await store("a");
    await Promise.all(
      ids.map((_id) =>
        validate(aRequest({ _id, action, controller: "document" })),
      ),
    );
    await Promise.all(ids.map(store));
    return kuzzle.elasticsearch.paths
      .slice(asked)
      .map((path) => /_(mget|bulk)$/.exec(path)?.[1])
      .filter((kind) => kind !== undefined);
  };

  assert.deepEqual(await batched({ batchWrites: "application" }, "update"), [
    "mget",
    "bulk",
  ]);
  assert.deepEqual(await batched({ batchWrites: "application" }, "upsert"), [
    "bulk",
  ]);
  assert.deepEqual(await batched({}, "update"), []);
});
