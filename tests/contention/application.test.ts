import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import type { Target } from "../support/request";
import { TestApplication } from "../support/TestApplication";
import type { SentUpdate } from "./Crowd";
import { batchedOf, createDocument, crowdOf, statsOf } from "./setting";
import { storedOneByOne } from "./storedOneByOne";
import { Subscriber } from "./Subscriber";

const CLIENTS = 64;
const UPDATES = 3_000;
const FROM_SERVER = 200;

describe('with batchWrites: "application"', () => {
  let application: TestApplication;

  before(async () => {
    application = await TestApplication.start({
      "kuzzle_plugins__document-update__batchWrites": "application",
      // Kuzzle's own default, where the client gives none.
      kuzzle_services__storageEngine__defaults__onUpdateConflictRetries: "50",
    });
  });

  after(() => application.stop());

  describe(`${UPDATES} native updates of one document by ${CLIENTS} clients`, () => {
    const _id = "hot";
    let batched: number;
    let sent: readonly SentUpdate[];
    let target: Target;
    let told: readonly JSONObject[];

    before(async () => {
      target = await application.createCollection("native");
      await createDocument(application, target, _id);
      const subscriber = await Subscriber.of(target, application.port);
      const crowd = await crowdOf(application, CLIENTS);
      const before = batchedOf(await statsOf(application));
      sent = await crowd.send({
        request: () => ({ ...target, _id, controller: "document" }),
        updates: UPDATES,
      });
      batched = batchedOf(await statsOf(application)) - before;
      told = await subscriber.told();
      await Promise.all([crowd.close(), subscriber.close()]);
    });

    storedOneByOne(
      () => ({ _id, sent, staged: application, target }),
      UPDATES,
      CLIENTS,
    );

    it("are each notified once", () => {
      assert.deepEqual(
        told.map(({ requestId }) => requestId).sort(),
        sent.map(({ request }) => request.requestId).sort(),
      );
    });

    it("share requests to storage", () => {
      assert.ok(batched > UPDATES / 2, `${batched} updates were batched`);
    });
  });

  it(`${FROM_SERVER} updates of one document by server code are all stored, and share requests to storage`, async () => {
    const _id = "hot";
    const target = await application.createCollection("server-code");
    await createDocument(application, target, _id);
    const before = batchedOf(await statsOf(application));

    const errors = await application.stage.call({
      ...target,
      _id,
      action: "contend",
      args: { updates: FROM_SERVER },
      controller: "probe",
    });

    const { _version } = await application.stage.call({
      ...target,
      _id,
      action: "get",
      controller: "document",
    });
    assert.deepEqual(errors, []);
    assert.equal(_version, FROM_SERVER + 1);
    const batched = batchedOf(await statsOf(application)) - before;
    assert.ok(batched > FROM_SERVER / 2, `${batched} updates were batched`);
  });
});
