import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { createConfig, lintFromString } from "@redocly/openapi-core";
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv2020 from "ajv/dist/2020";
import type { JSONObject, Kuzzle as Client, Notification } from "kuzzle-sdk";
import type { DocumentUpdateController as UpdateController } from "kuzzle-plugin-document-update/client";

import { probe } from "../change/setting";
import { serverCode } from "../live/serverCode";
import { requireClient, requireSdk } from "../support/project";
import { TestApplication } from "../support/TestApplication";
import { until } from "../support/until";

const { Http, Kuzzle, WebSocket } = requireSdk();
const { DocumentUpdateController } = requireClient();

type Sdk = Client & { documentUpdate: UpdateController };

describe("existing clients", () => {
  let application: TestApplication;
  let target: { index: string; collection: string };
  const sdks: Sdk[] = [];
  let documents = 0;

  before(async () => {
    application = await TestApplication.start({
      "kuzzle_plugins__document-update__guards":
        '*json:{"*/clients*":{"readOnly":["legacyId"]}}',
    });
    target = await application.createCollection("clients");
  });

  after(async () => {
    sdks.forEach((sdk) => sdk.disconnect());
    await application.stop();
  });

  async function connect(
    protocol: "websocket" | "http" = "websocket",
  ): Promise<Sdk> {
    const options = { port: application.port };
    const sdk = new Kuzzle(
      protocol === "http"
        ? new Http("127.0.0.1", options)
        : new WebSocket("127.0.0.1", options),
    );
    sdk.useController(DocumentUpdateController, "documentUpdate");
    await sdk.connect();
    sdks.push(sdk);
    return sdk;
  }

  async function aDocument(): Promise<string> {
    const _id = `document-${++documents}`;
    await application.stage.call({
      ...target,
      _id,
      action: "create",
      body: { seats: 4, state: "open" },
      controller: "document",
    });
    return _id;
  }

  for (const protocol of ["websocket", "http"] as const) {
    it(`kuzzle-sdk over ${protocol}: documentUpdate.update rejects as document.update does`, async () => {
      const sdk = await connect(protocol);
      const { collection, index } = target;
      const errorOf = async (update: Promise<unknown>): Promise<JSONObject> =>
        update.then(
          () => assert.fail("it was accepted"),
          ({ code, id, message, status }: JSONObject) => ({
            code,
            id,
            message,
            status,
          }),
        );

      const native = await errorOf(
        sdk.document.update(index, collection, "none", {}),
      );
      const plugin = await errorOf(
        sdk.documentUpdate.update(index, collection, "none", {}),
      );

      assert.equal(native["id"], "services.storage.not_found");
      assert.deepEqual(plugin, native);
    });
  }

  it("kuzzle-sdk: subscribeToSelf: false leaves out the client's own updates only", async () => {
    const { collection, index } = target;
    const self = await connect();
    const other = await connect();
    const _id = await aDocument();
    const heard: Notification[] = [];
    await self.realtime.subscribe(
      index,
      collection,
      { ids: { values: [_id] } },
      (notification) => void heard.push(notification),
      {
        subscribeToSelf: false,
      },
    );

    await self.documentUpdate.update(index, collection, _id, { by: "self" });
    await other.documentUpdate.update(index, collection, _id, { by: "other" });
    await self.query({ action: "now", controller: "server" });

    assert.deepEqual(
      heard.map(
        (notification) =>
          (notification as unknown as JSONObject)["result"]._source.by,
      ),
      ["other"],
    );
  });

  it("Kourou: `kourou document-update:update <index> <collection> <id> <body> -a silent=true`", async () => {
    const kourou = await connect();
    kourou.volatile = { client: "kourou@1.2.0" };
    const listener = await connect();
    const _id = await aDocument();
    const heard: Notification[] = [];
    await listener.realtime.subscribe(
      target.index,
      target.collection,
      {},
      (notification) => void heard.push(notification),
    );
    // What Kourou makes of its command line: `true` is a boolean over WebSocket.
    const request = {
      ...target,
      _id,
      action: "update",
      body: { seats: 6 },
      controller: "document-update",
    };

    const { result } = await kourou.query<never, JSONObject>({
      ...request,
      silent: true,
    } as never);
    await listener.query({ action: "now", controller: "server" });
    assert.equal(result["_source"].seats, 6);
    assert.equal(heard.length, 0);

    await kourou.query(request);
    await listener.query({ action: "now", controller: "server" });
    assert.equal(
      (heard[0] as unknown as JSONObject)["volatile"].client,
      "kourou@1.2.0",
    );
  });

  serverCode(() => application);

  it("stats names the node as Kuzzle does in its log", async () => {
    const { node } = await (await connect()).documentUpdate.stats();

    await until(
      "the name in the log",
      async () => (await application.log()).includes(`(node name: ${node})`),
      10_000,
    );
  });

  describe("server:openapi", () => {
    const plugin = "/_/document-update";
    const path = `${plugin}/{index}/{collection}/{_id}/_update`;
    let definition: JSONObject;

    before(async () => {
      // The answer is the definition itself: this action is for HTTP.
      const url = `http://127.0.0.1:${application.port}/_openapi?scope=app`;
      definition = (await (await fetch(url)).json()) as JSONObject;
    });

    it("holds the plugin's routes", () => {
      const { patch, put } = definition["paths"][path];
      const ok = patch.responses[200];

      assert.deepEqual(patch.tags, ["document-update"]);
      assert.deepEqual(Object.keys(ok.headers as object), ["ETag"]);
      assert.deepEqual(put, {
        ...patch,
        deprecated: true,
        operationId: "document-update.update.put",
        responses: { ...patch.responses, 200: { ...ok, headers: {} } },
      });
    });

    it("has the plugin's part valid as OpenAPI 3.1 for two validators", async () => {
      const paths = Object.fromEntries(
        Object.entries(definition["paths"] as JSONObject).filter(([each]) =>
          each.startsWith(plugin),
        ),
      );
      const config = await createConfig({
        extends: ["recommended-strict"],
        rules: {
          "operation-operationId-unique": "error",
          "operation-operationId-url-safe": "error",
          // Servers and security schemes are the application's to tell.
          "no-empty-servers": "off",
          "security-defined": "off",
        },
      });

      // The rest of the definition is Kuzzle's own, and not valid.
      const { errors, valid } = await new Validator().validate({
        info: definition["info"],
        openapi: definition["openapi"],
        paths,
      });
      const problems = await lintFromString({
        config,
        source: JSON.stringify(definition),
      });

      assert.equal(definition["openapi"], "3.1.0");
      assert.equal(Object.keys(paths).length, 3);
      assert.ok(valid, JSON.stringify(errors));
      assert.deepEqual(
        problems
          .map(
            ({ location: [place], message }) => `${place?.pointer}: ${message}`,
          )
          .filter((each) => each.startsWith("#/paths/~1_~1document-update")),
        [],
      );
    });

    const inSchema = (operation: JSONObject, status: number, body: object) => {
      const { responses } = operation;
      const { content } =
        responses[status] ?? responses[`${String(status)[0]}XX`];
      const { schema } = content["application/json"];
      const validate = new Ajv2020({ strict: false }).compile(schema);
      assert.ok(validate(body), JSON.stringify([validate.errors, body]));
    };

    it("has the schema of each answer, whatever becomes of the update", async () => {
      const _id = await aDocument();
      const client = await application.connect("http");

      for (const [status, request] of [
        [200, { _id }],
        [200, { _id, args: { source: true }, volatile: { a: 1 } }],
        [200, { _id, args: { dryRun: true, skipUnchanged: true } }],
        [400, { _id, args: { retryOnConflict: "many" } }],
        [400, { _id, body: null }],
        [401, { _id, jwt: "no token" }],
        [403, { _id, body: { legacyId: 1 } }],
        [404, { _id: "none" }],
        [412, { _id, collection: "none" }],
        [412, { _id, args: { ifVersion: 99 } }],
      ] as const) {
        const { body } = await client.send({
          ...target,
          body: { seats: 5 },
          controller: "document-update",
          ...request,
        });

        assert.equal(body["status"], status);
        inSchema(definition["paths"][path].patch, status, body);
      }
    });

    it("has the schema of each answer, whatever becomes of the modification", async () => {
      const { post } = definition["paths"][path.replace("_update", "_modify")];
      const _id = await aDocument();
      const jwt = await application.createUser("modifier", {
        "*": { actions: { "*": true } },
      });
      const overtaken = "overtaken by a pipe";
      await probe(application, "arm", overtaken, {
        "document:beforeUpdate": { updatesOther: _id },
      });
      const requestKey = "of the first";

      for (const [status, request] of [
        [200, {}],
        [200, { args: { requestKey, source: true }, jwt }],
        [400, { body: { operators: { append: { seats: [1] } } } }],
        [401, { jwt: "no token" }],
        [403, { body: { changes: { legacyId: 1 } } }],
        [404, { _id: "none" }],
        [409, { requestId: overtaken }],
        [412, { body: { condition: { equals: { state: "closed" } } } }],
        [422, { args: { requestKey }, jwt }],
      ] as const) {
        const { body } = await application.stage.send({
          ...target,
          _id,
          action: "modify",
          body: { operators: { increment: { seats: 1 } } },
          controller: "document-update",
          ...request,
        });

        assert.equal(body["status"], status, JSON.stringify(body));
        inSchema(post, status, body);
      }
    });

    it("tells that a flag is set, whatever its value", async () => {
      const { parameters } = definition["paths"][path].patch;
      const flags = (parameters as JSONObject[]).filter(
        ({ schema }) => schema.type === "boolean",
      );
      const listener = await connect();
      const heard: Notification[] = [];
      await listener.realtime.subscribe(
        target.index,
        target.collection,
        {},
        (notification) => void heard.push(notification),
      );

      const { body } = await (
        await application.connect("http")
      ).send({
        ...target,
        _id: await aDocument(),
        args: { silent: "false", source: "false" },
        body: { seats: 5 },
        controller: "document-update",
      });
      await listener.query({ action: "now", controller: "server" });

      assert.equal(body["result"]._source.state, "open");
      assert.deepEqual(
        heard.map((each) => (each as unknown as JSONObject)["action"]),
        ["create"],
      );
      assert.deepEqual(
        flags.map(({ name, schema }) => [name, schema.enum]),
        [
          ["silent", [true]],
          ["source", [true]],
          ["skipUnchanged", [true]],
          ["dryRun", [true]],
        ],
      );
    });
  });
});
