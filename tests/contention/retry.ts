import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import type { Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import type { SentUpdate } from "./Crowd";
import { createDocument, crowdOf, lanesEmpty } from "./setting";
import { storedOneByOne } from "./storedOneByOne";
import { Subscriber } from "./Subscriber";

const CLIENTS = 64;
const UPDATES = 10_000;

export function retry(of: () => TestApplication): void {
  describe(`${UPDATES} updates of one document by ${CLIENTS} clients, by default`, () => {
    const _id = "hot";
    let target: Target;
    let sent: readonly SentUpdate[];
    let told: readonly JSONObject[];

    before(async () => {
      const application = of();
      target = await application.createCollection("retried");
      await createDocument(application, target, _id);
      const subscriber = await Subscriber.of(target, application.port);
      const crowd = await crowdOf(application, CLIENTS);
      sent = await crowd.send({
        request: () => ({ ...target, _id }),
        updates: UPDATES,
      });
      told = await subscriber.told();
      await Promise.all([crowd.close(), subscriber.close()]);
    });

    storedOneByOne(
      () => ({ _id, sent, staged: of(), target }),
      UPDATES,
      CLIENTS,
    );

    it("are each notified once", () => {
      assert.deepEqual(
        told.map(({ requestId }) => requestId).sort(),
        sent.map(({ request }) => request.requestId).sort(),
      );
    });

    it("leave no lane behind", () => lanesEmpty(of()));
  });
}
