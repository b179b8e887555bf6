import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";

import type {
  Http as HttpProtocol,
  JSONObject,
  Kuzzle as Client,
  Notification,
  WebSocket as WebSocketProtocol,
} from "kuzzle-sdk";

import { requireSdk } from "../support/project";
import {
  type ApiClient,
  type Protocol,
  protocols,
  type Target,
} from "../support/request";
import { TestApplication } from "../support/TestApplication";

const { Http, Kuzzle, WebSocket } = requireSdk();

const run = promisify(execFile);

// Clients that know nothing of the plugin. That it handled an update shows in the notification:
// the embedded SDK, which stored it, names its own protocol there.
describe("interceptNative", () => {
  let application: TestApplication;
  let target: Target;
  let listener: Client;
  let heard: JSONObject[] = [];
  const tokens: Record<string, string> = {};
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
    for (const controller of ["document", "document-update"]) {
      tokens[controller] = await application.createUser(controller, {
        [controller]: { actions: { update: true } },
      });
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
    return _id;
  }

  /** Checks that the plugin has stored the update, once. */
  async function handled(_id: string, seats: number): Promise<JSONObject> {
    await listener.query({ action: "now", controller: "server" });
    assert.deepEqual(
      heard.map(({ action, protocol, result }) => [
        action,
        protocol,
        result._id,
        result._source.seats,
      ]),
      [["update", "funnel", _id, seats]],
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
      await handled(_id, 5);
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
      await handled(_id, 6);
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
      await handled(_id, 7);
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

    await kourou.query(request);
    const notification = await handled(_id, 8);
    assert.equal(notification["volatile"].client, "kourou@1.2.0");
  });

  it("takes the right on native document:update, and no other", async () => {
    const _id = await aDocument();
    const update = (jwt: unknown) =>
      clients.websocket.send({
        ...target,
        _id,
        action: "update",
        body: { seats: 9 },
        controller: "document",
        jwt,
      });

    const refused = await update(tokens["document-update"]);
    assert.equal(refused.body["error"].id, "security.rights.forbidden");
    assert.deepEqual(refused.body["error"].props, [
      "document",
      "update",
      `document-update-${application.suffix}`,
    ]);
    assert.deepEqual(heard, []);

    const accepted = await update(tokens["document"]);
    assert.equal(accepted.body["error"], null);
    const notification = await handled(_id, 9);
    assert.equal(
      notification["result"]._source._kuzzle_info.updater,
      `document-${application.suffix}`,
    );
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

  it("does not intercept updates of the embedded SDK: they conflict as natively", async () => {
    const _id = await aDocument();

    const ids = await application.stage.call({
      ...target,
      _id,
      action: "contend",
      args: { updates: 60 },
      controller: "probe",
    });

    assert.deepEqual(ids, ["services.storage.unexpected_error"]);
  });

  it("lets a pipe of the update make updates of its own, in every way", async () => {
    const [_id, other] = [await aDocument(), await aDocument()];
    const requestId = `with-updates-inside-${_id}`;
    await application.stage.call({
      action: "arm",
      args: { target: requestId },
      body: { "document:beforeUpdate": { updatesOther: other } },
      controller: "probe",
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
