import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import type { ApiDocumentUpdateStatsResult } from "kuzzle-plugin-document-update";
import type { JSONObject } from "kuzzle-sdk";

import type { Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import { fieldOf, type SentUpdate } from "./Crowd";
import { batchedOf, createDocument, crowdOf, statsOf } from "./setting";
import { storedOneByOne } from "./storedOneByOne";
import { Subscriber } from "./Subscriber";

const CLIENTS = 64;
const UPDATES = 640;

export function hotDocument(of: () => TestApplication): void {
  describe(`${UPDATES} updates of one document by ${CLIENTS} clients`, () => {
    const _id = "hot";
    let target: Target;
    let sent: readonly SentUpdate[];
    let told: readonly JSONObject[];
    let stats: Record<"before" | "after", ApiDocumentUpdateStatsResult>;

    before(async () => {
      const application = of();
      target = await application.createCollection("hot");
      await createDocument(application, target, _id);
      const subscriber = await Subscriber.of(target, application.port);
      const crowd = await crowdOf(application, CLIENTS);
      const before = await statsOf(application);
      sent = await crowd.send({
        // Half of the clients by the native action, which is intercepted.
        request: (client) => ({
          ...target,
          _id,
          controller: client % 2 === 0 ? "document" : "document-update",
        }),
        updates: UPDATES,
      });
      stats = { after: await statsOf(application), before };
      told = await subscriber.told();
      await Promise.all([crowd.close(), subscriber.close()]);
    });

    storedOneByOne(
      () => ({ _id, sent, staged: of(), target }),
      UPDATES,
      CLIENTS,
    );

    it("are each notified once, those of a client in their order", () => {
      assert.deepEqual(
        told.map(({ requestId }) => requestId).sort(),
        sent.map(({ request }) => request.requestId).sort(),
      );
      for (let client = 0; client < CLIENTS; client++) {
        const values = told
          .map(({ result }) =>
            String(result._updatedFields) === fieldOf(client)
              ? Number(result._source[fieldOf(client)])
              : 0,
          )
          .filter(Boolean);
        assert.deepEqual(values, ascending(values), fieldOf(client));
      }
    });

    it("share requests to storage, and never conflict", () => {
      const { after, before } = stats;
      const batched = batchedOf(after) - batchedOf(before);
      assert.ok(batched > UPDATES / 2, `${batched} updates were batched`);
      assert.equal(after.conflicts, before.conflicts);
    });
  });
}

function ascending(values: readonly number[]): readonly number[] {
  return [...values].sort((one, other) => one - other);
}
