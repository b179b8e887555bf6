import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, beforeEach, describe, it } from "node:test";
import { promisify } from "node:util";

import type {
  Http as HttpProtocol,
  JSONObject,
  Kuzzle as Client,
  Notification,
  WebSocket as WebSocketProtocol,
} from "kuzzle-sdk";

import { probe } from "../change/setting";
import { PipelinedSocket } from "../support/PipelinedSocket";
import { requireSdk } from "../support/project";
import {
  type ApiClient,
  type ApiRequest,
  type Protocol,
  protocols,
  type Target,
} from "../support/request";
import { TestApplication } from "../support/TestApplication";

const { Http, Kuzzle, WebSocket } = requireSdk();

const run = promisify(execFile);

// Clients that know nothing of the plugin. That it handled an update shows in its counter.
describe("interceptNative", () => {
  let application: TestApplication;
  let target: Target;
  let listener: Client;
  let heard: JSONObject[] = [];
  let countedBefore = 0;
  const clients = {} as Record<Protocol, ApiClient>;
  const sdks: Client[] = [];
  let documents = 0;

  before(async () => {
    application = await TestApplication.start({
      "kuzzle_plugins__document-update__interceptNative": "true",
    });
    target = await application.createCollection("intercepted");
    for (const protocol of protocols) {
      clients[protocol] = await application.connect(protocol);
    }
    listener = await connect(new WebSocket("127.0.0.1", options()));
    await listener.realtime.subscribe(
      target.index,
      target.collection,
      {},
      (notification: Notification) => void heard.push(notification),
    );
  });

  after(async () => {
    sdks.forEach((sdk) => sdk.disconnect());
    await Promise.all(Object.values(clients).map((client) => client.close()));
    await application.stop();
  });

  const options = () => ({ port: application.port });

  async function connect(
    protocol: WebSocketProtocol | HttpProtocol,
  ): Promise<Client> {
    const sdk = new Kuzzle(protocol);
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
      body: { seats: 4 },
      controller: "document",
    });
    // The notification of the creation has come by the time this is answered.
    await listener.query({ action: "now", controller: "server" });
    heard = [];
    countedBefore = await counted();
    return _id;
  }

  /** How many updates the plugin has handled. */
  async function counted(): Promise<number> {
    const stats = await application.stage.call({
      action: "stats",
      controller: "document-update",
    });
    return Number(stats["updates"]);
  }

  /** Checks that the plugin has handled the update, once, and what subscribers were told. */
  async function handled(
    _id: string,
    seats: number,
    protocol: Protocol = "websocket",
  ): Promise<JSONObject> {
    assert.equal(await counted(), countedBefore + 1);
    await listener.query({ action: "now", controller: "server" });
    assert.deepEqual(
      heard.map(({ action, protocol, result }) => [
        action,
        protocol,
        result._id,
        result._source.seats,
      ]),
      [["update", protocol, _id, seats]],
    );
    return heard[0] ?? {};
  }

  for (const name of ["websocket", "http"] as const) {
    it(`handles kuzzle.document.update of kuzzle-sdk over ${name}`, async () => {
      const sdk = await connect(
        name === "http"
          ? new Http("127.0.0.1", options())
          : new WebSocket("127.0.0.1", options()),
      );
      const _id = await aDocument();

      const updated = await sdk.document.update(
        target.index,
        target.collection,
        _id,
        { seats: 5 },
        { refresh: "wait_for", retryOnConflict: 2, source: true },
      );

      assert.equal(updated._id, _id);
      assert.equal(updated._version, 2);
      assert.equal(updated._source["seats"], 5);
      await handled(_id, 5, name);
    });
  }

  for (const protocol of protocols) {
    it(`handles plain JSON over ${protocol}, and answers as native`, async () => {
      const _id = await aDocument();

      const { body } = await clients[protocol].send({
        ...target,
        _id,
        action: "update",
        body: { seats: 6 },
        controller: "document",
        requestId: `a-request-${_id}`,
      });

      const { action, collection, controller, error, index, requestId } = body;
      assert.deepEqual(
        { action, collection, controller, error, index, requestId },
        {
          ...target,
          action: "update",
          controller: "document",
          error: null,
          requestId: `a-request-${_id}`,
        },
      );
      assert.equal(body["result"]._source.seats, 6);
      await handled(_id, 6, protocol);
    });
  }

  for (const method of ["PUT", "PATCH"]) {
    it(`handles curl -X ${method} on the native route`, async () => {
      const _id = await aDocument();
      const { collection, index } = target;

      const { stdout } = await run("curl", [
        "--silent",
        "-X",
        method,
        "-H",
        "content-type: application/json",
        "-d",
        '{"seats":7}',
        `http://127.0.0.1:${application.port}/${index}/${collection}/${_id}/_update?source`,
      ]);

      const answer = JSON.parse(stdout) as JSONObject;
      assert.equal(answer["status"], 200);
      assert.equal(answer["controller"], "document");
      assert.equal(answer["result"]._source.seats, 7);
      await handled(_id, 7, "http");
    });
  }

  it("handles what Kourou sends for `kourou document:update <index> <collection> <id> <body> -a silent=true`", async () => {
    const kourou = await connect(new WebSocket("127.0.0.1", options()));
    kourou.volatile = { client: "kourou@1.2.0" };
    const _id = await aDocument();
    const request = {
      ...target,
      _id,
      action: "update",
      body: { seats: 8 },
      controller: "document",
    };

    const { result } = await kourou.query<never, JSONObject>({
      ...request,
      silent: true,
    } as never);
    assert.equal(result["_source"].seats, 8);
    await listener.query({ action: "now", controller: "server" });
    assert.deepEqual(heard, []);
    assert.equal(await counted(), countedBefore + 1);

    countedBefore = await counted();
    await kourou.query(request);
    const notification = await handled(_id, 8);
    assert.equal(notification["volatile"].client, "kourou@1.2.0");
  });

  it("leaves the plugin's own action as it is", async () => {
    const _id = await aDocument();

    const { body } = await clients.websocket.send({
      ...target,
      _id,
      action: "update",
      body: { seats: 10 },
      controller: "document-update",
    });

    assert.equal(body["controller"], "document-update");
    await handled(_id, 10);
  });

  it("stores all updates of the embedded SDK that come at once, in requests with others", async () => {
    const _id = await aDocument();
    const batches = async () =>
      (
        await application.stage.call({
          action: "stats",
          controller: "document-update",
        })
      )["batches"];
    const before = await batches();

    const ids = await application.stage.call({
      ...target,
      _id,
      action: "contend",
      args: { updates: 60 },
      controller: "probe",
    });

    assert.deepEqual(ids, []);
    const { _version } = await application.stage.call({
      ...target,
      _id,
      action: "get",
      controller: "document",
    });
    assert.equal(_version, 61);
    assert.equal(await counted(), countedBefore + 60);
    const { count, sum } = await batches();
    const requests = count - before.count;
    assert.ok(requests < (sum - before.sum) / 2, `${requests} requests`);
  });

  it("leaves server code alone otherwise: no events, and nobody's name", async () => {
    const _id = await aDocument();

    const { events } = await application.stage.call({
      ...target,
      _id,
      action: "updateAs",
      args: { isNative: true },
      body: { seats: 11 },
      controller: "probe",
    });

    assert.deepEqual(events, ["generic:document:injectMetadata"]);
    assert.equal(await counted(), countedBefore + 1);
    const { _source } = await application.stage.call({
      ...target,
      _id,
      action: "get",
      controller: "document",
    });
    assert.equal(_source.seats, 11);
    assert.equal(_source._kuzzle_info.updater, null);
  });

  it("lets a pipe of the update make updates of its own, in every way", async () => {
    const [_id, other] = [await aDocument(), await aDocument()];
    const requestId = `with-updates-inside-${_id}`;
    await probe(application, "arm", requestId, {
      "document:beforeUpdate": { updatesOther: other },
    });

    const { body } = await clients.websocket.send({
      ...target,
      _id,
      action: "update",
      body: { seats: 11 },
      controller: "document",
      requestId,
    });

    assert.equal(body["error"], null);
    const { _source, _version } = await application.stage.call({
      ...target,
      _id: other,
      action: "get",
      controller: "document",
    });
    assert.deepEqual(
      [_source["natively"], _source["throughThePlugin"], _version],
      [true, true, 3],
    );
  });
});

const guards = '*json:{"*/guarded*":{"readOnly":["legacyId"]}}';

describe("in an application where other plugins stand before and after it, and the funnel only delegates", () => {
  let application: TestApplication;
  let guarded: Target;
  let target: Target;
  let client: ApiClient;
  let socket: PipelinedSocket;
  let document: ApiRequest;
  let documents = 0;

  before(async () => {
    application = await TestApplication.start(
      {
        HIDDEN: "funnel's execute",
        WRAPPED: "true",
        "kuzzle_plugins__document-update__guards": guards,
        "kuzzle_plugins__document-update__interceptNative": "true",
        kuzzle_services__internalCache__options__db: "1",
      },
      "tests/application/hidden.ts",
    );
    target = await application.createCollection("intercepted");
    guarded = await application.createCollection("guarded");
    client = await application.connect("websocket");
    socket = await PipelinedSocket.connect(application.port);
  });
  after(async () => {
    await client?.close();
    await socket?.close();
    await application?.stop();
  });

  beforeEach(async () => {
    const _id = `document-${++documents}`;
    document = { ...target, _id, controller: "document" };
    for (const where of [target, guarded]) {
      await application.stage.call({
        ...document,
        ...where,
        action: "create",
        body: { seats: 4 },
      });
    }
  });

  const counted = async () => {
    const stats = { action: "stats", controller: "document-update" };
    return Number((await application.stage.call(stats))["updates"]);
  };

  const timesPassed = async () => {
    const passed = { action: "passed", controller: "hiding" };
    const of = (ids: readonly unknown[]) =>
      ids.filter((_id) => _id === document._id).length;
    const { after, before } = await application.stage.call(passed);
    return { after: of(after), before: of(before) };
  };

  it("nothing is missing", async () => {
    assert.doesNotMatch(await application.log(), /not as expected/);
  });

  it("native updates are intercepted, and pass both of the others once", async () => {
    const before = await counted();

    const { body } = await client.send({
      ...document,
      action: "update",
      body: { seats: 5 },
    });

    assert.equal(body["error"], null);
    assert.equal(body["result"]._version, 2);
    assert.equal(await counted(), before + 1);
    assert.deepEqual(await timesPassed(), { after: 1, before: 1 });
  });

  it("updates that come at once are all stored", async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, seats) =>
        socket.send({ ...document, action: "update", body: { seats } }),
      ),
    );

    assert.deepEqual(
      answers.map(({ body }) => body["result"]?._version as unknown),
      answers.map((_, n) => n + 2),
    );
  });

  it("guards hold for the plugin's own action", async () => {
    const { body } = await client.send({
      ...document,
      ...guarded,
      action: "update",
      body: { legacyId: 1 },
      controller: "document-update",
    });

    const expected = "plugin.document-update.field_read_only";
    assert.equal(body["error"]?.id, expected);
  });

  for (const protocol of protocols) {
    it(`guards hold for the native action over ${protocol}, whatever is sent`, async () => {
      const client = await application.connect(protocol);

      const { body } = await client.send({
        ...document,
        ...guarded,
        action: "update",
        args: {
          __checkRights__: "true",
          __kuid__: "-1",
          protocol: "funnel",
          triggerEvents: "true",
        },
        body: { legacyId: 1 },
        volatile: { protocol: "funnel" },
      });
      await client.close();

      const expected = "plugin.document-update.field_read_only";
      assert.equal(body["error"]?.id, expected);
      const { _version } = await application.stage.call({
        ...document,
        ...guarded,
        action: "get",
      });
      assert.equal(_version, 1);
    });
  }

  it("a condition holds for the native action", async () => {
    const update = (ifVersion: number) =>
      client.send({
        ...document,
        action: "update",
        args: { ifVersion },
        body: { seats: 6 },
      });

    const refused = await update(7);
    const expected = "plugin.document-update.version_mismatch";
    assert.equal(refused.body["error"]?.id, expected);
    assert.equal((await update(1)).body["error"], null);
  });
});
