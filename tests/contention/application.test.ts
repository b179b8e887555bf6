import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { TestApplication } from "../support/TestApplication";
import { errorsOf, versionsOf } from "./Crowd";
import { batchedOf, createDocument, crowdOf, statsOf } from "./setting";
import { Subscriber } from "./Subscriber";

const CLIENTS = 64;
const UPDATES = 640;
const FROM_SERVER = 200;
const _id = "hot";

describe("with interceptNative, native updates", () => {
  let application: TestApplication;

  before(async () => {
    application = await TestApplication.start({
      "kuzzle_plugins__document-update__interceptNative": "true",
    });
  });

  after(() => application.stop());

  it(`${UPDATES} of one document by ${CLIENTS} clients are each a version and a notification, and share requests to storage`, async () => {
    const target = await application.createCollection("native");
    await createDocument(application, target, _id);
    const subscriber = await Subscriber.of(target, application.port);
    const crowd = await crowdOf(application, CLIENTS);
    const before = batchedOf(await statsOf(application));

    const sent = await crowd.send({
      request: () => ({ ...target, _id, controller: "document" }),
      updates: UPDATES,
    });
    const batched = batchedOf(await statsOf(application)) - before;
    const told = await subscriber.told();
    await Promise.all([crowd.close(), subscriber.close()]);

    assert.deepEqual(errorsOf(sent), []);
    assert.equal(versionsOf(sent).size, UPDATES);
    assert.deepEqual(
      told.map(({ requestId }) => requestId).sort(),
      sent.map(({ request }) => request.requestId).sort(),
    );
    assert.ok(batched > UPDATES / 2, `${batched} updates were batched`);
  });

  it(`${FROM_SERVER} of one document by server code are all stored, and share requests to storage`, async () => {
    const target = await application.createCollection("server-code");
    await createDocument(application, target, _id);
    const before = batchedOf(await statsOf(application));
    const call = (controller: string, action: string, args = {}) =>
      application.stage.call({ ...target, _id, action, args, controller });

    const errors = await call("probe", "contend", { updates: FROM_SERVER });

    const { _version } = await call("document", "get");
    assert.deepEqual(errors, []);
    assert.equal(_version, FROM_SERVER + 1);
    const batched = batchedOf(await statsOf(application)) - before;
    assert.ok(batched > FROM_SERVER / 2, `${batched} updates were batched`);
  });
});
