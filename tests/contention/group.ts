import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import type { ApiDocumentUpdateStatsResult } from "kuzzle-plugin-document-update";

import type { Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import { errorsOf, lastValues, type SentUpdate } from "./Crowd";
import {
  contentOf,
  createDocument,
  crowdOf,
  groupedOf,
  kept,
  statsOf,
} from "./setting";

const CLIENTS = 64;
const DOCUMENTS = 64;
const UPDATES = 3_000;
const MISSING = "missing";

export function group(of: () => TestApplication): void {
  describe(`${UPDATES} updates of ${DOCUMENTS} documents by ${CLIENTS} clients, grouped`, () => {
    let target: Target;
    let stored: readonly SentUpdate[];
    let missed: readonly SentUpdate[];
    let stats: Record<"before" | "after", ApiDocumentUpdateStatsResult>;

    before(async () => {
      const application = of();
      target = await application.createCollection("group");
      for (let n = 0; n < DOCUMENTS; n++) {
        await createDocument(application, target, `document-${n}`);
      }
      const crowd = await crowdOf(application, CLIENTS);
      const before = await statsOf(application);

      const sent = await crowd.send({
        request: (client, value) => ({ ...target, _id: idOf(client, value) }),
        updates: UPDATES,
      });

      await crowd.close();
      stats = { after: await statsOf(application), before };
      stored = sent.filter(({ _id }) => _id !== MISSING);
      missed = sent.filter(({ _id }) => _id === MISSING);
    });

    it("are all acknowledged", () => {
      assert.equal(stored.length + missed.length, UPDATES);
      assert.deepEqual(errorsOf(stored), []);
    });

    it("are stored, each as a version of its own", async () => {
      const values = lastValues(stored);
      assert.equal(Object.keys(values).length, DOCUMENTS);
      for (const [_id, fields] of Object.entries(values)) {
        assert.deepEqual(await contentOf(of(), target, _id), {
          ...kept,
          ...fields,
        });
        const versions = stored
          .filter((update) => update._id === _id)
          .map(({ answer }) => Number(answer["result"]._version));
        assert.deepEqual(
          versions.sort((one, other) => one - other),
          versions.map((_, place) => place + 2),
        );
      }
    });

    it("are answered with the client's own changes", () => {
      for (const { answer, field, value } of stored) {
        const { _kuzzle_info, ...changes } = answer["result"]._source;
        assert.deepEqual(changes, { [field]: value });
        assert.equal(typeof _kuzzle_info.updatedAt, "number");
      }
    });

    it("fail alone, and as natively, where there is no such document", async () => {
      const { body } = await of().stage.send({
        ...target,
        _id: MISSING,
        action: "update",
        body: {},
        controller: "document",
      });
      const { id, message, status } = body["error"];

      assert.equal(`${status} ${id}`, "404 services.storage.not_found");
      assert.ok(missed.length > 0);
      for (const { answer } of missed) {
        const { error } = answer;
        assert.deepEqual(
          [error.id, error.message, error.status],
          [id, message, status],
        );
      }
    });

    it("are stored by fewer writes", () => {
      const grouped = groupedOf(stats.after) - groupedOf(stats.before);
      const writes = stats.after.delegate.count - stats.before.delegate.count;
      assert.ok(grouped > UPDATES / 2, `${grouped} updates were grouped`);
      assert.ok(writes < UPDATES / 2, `${writes} writes`);
    });

    it("are groups of their own where they come one by one", async () => {
      const application = of();
      const before = await statsOf(application);
      for (let count = 0; count < 20; count++) {
        await application.stage.call({
          ...target,
          _id: "document-0",
          action: "update",
          body: { count },
          controller: "document-update",
        });
      }

      const after = await statsOf(application);
      assert.equal(after.updates, before.updates + 20);
      assert.equal(after.groups.count, before.groups.count + 20);
      assert.equal(groupedOf(after), groupedOf(before));
    });
  });
}

/** The documents in turns, and now and then one that is not there. */
function idOf(client: number, value: number): string {
  return client === 7 && value % 10 === 0
    ? MISSING
    : `document-${(client + value) % DOCUMENTS}`;
}
