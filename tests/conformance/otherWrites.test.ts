import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { SentRequest } from "../application/StorageProbe";
import { PipelinedSocket } from "../support/PipelinedSocket";
import type { Target } from "../support/request";
import { TestApplication } from "../support/TestApplication";

/** Documents that are updated at once. */
const IDS = Array.from({ length: 8 }, (_, n) => `document-${n}`);

/** Whose updates share requests to storage, by the configured `batchWrites`. */
const writers = {
  "a client, by the plugin": { application: true, plugin: true },
  "a client, natively": { application: true, plugin: false },
  "app.sdk": { application: true, plugin: false },
  "a client, by upsert": { application: false, plugin: false },
  "app.storage.storageClient": { application: false, plugin: false },
  "new app.storage.StorageClient()": { application: false, plugin: false },
  "a private index": { application: false, plugin: false },
};

for (const batchWrites of ["plugin", "application"] as const) {
  describe(`batchWrites: "${batchWrites}"`, () => {
    let application: TestApplication;
    let socket: PipelinedSocket;
    let target: Target;

    before(async () => {
      application = await TestApplication.start({
        PROBE_EVENTS: "false",
        "kuzzle_plugins__document-update__batchWrites": batchWrites,
        kuzzle_services__internalCache__options__db:
          batchWrites === "plugin" ? "0" : "1",
      });
      target = await application.createCollection("others");
      socket = await PipelinedSocket.connect(application.port);
      await application.stage.call({
        ...target,
        action: "mCreate",
        body: { documents: IDS.map((_id) => ({ _id, body: {} })) },
        controller: "document",
      });
      // Which client is Kuzzle's own is known after the first update.
      await byClient("document", "update");
    });
    after(async () => {
      await socket.close();
      await application.stop();
    });

    const byClient = async (controller: string, action: string) => {
      const changes = { by: controller };
      const answers = await Promise.all(
        IDS.map((_id) =>
          socket.send({
            ...target,
            _id,
            action,
            body: action === "upsert" ? { changes } : changes,
            controller,
          }),
        ),
      );
      answers.forEach(({ body }) => assert.equal(body["error"], null));
    };

    const update = async (writer: string): Promise<void> => {
      switch (writer) {
        case "a client, by the plugin":
          return byClient("document-update", "update");
        case "a client, natively":
          return byClient("document", "update");
        case "a client, by upsert":
          return byClient("document", "upsert");
        default:
          await application.stage.call({
            ...target,
            action: "update",
            args: { by: writer },
            body: { ids: IDS },
            controller: "storage-probe",
          });
      }
    };

    const sent = async (): Promise<readonly SentRequest[]> =>
      (await application.stage.call({
        action: "sent",
        args: { text: "document-" },
        controller: "storage-probe",
      })) as unknown as readonly SentRequest[];

    for (const [writer, isBatched] of Object.entries(writers)) {
      it(`${isBatched[batchWrites] ? "batches" : "leaves alone"} the updates of ${writer}`, async () => {
        await sent();

        await update(writer);

        const all = await sent();
        const updates = all.filter(({ path }) =>
          /\/(_update|_bulk)\b/.test(path),
        );
        const bulks = updates.filter(({ path }) => path.endsWith("/_bulk"));
        assert.ok(updates.length > 0);
        if (isBatched[batchWrites]) {
          assert.ok(bulks.length > 0, JSON.stringify(updates));
          assert.ok(updates.length < IDS.length, JSON.stringify(updates));
        } else {
          assert.deepEqual(bulks, []);
          assert.equal(updates.length, IDS.length);
        }
        // The plugin's own need not be read: nothing listens, and there are no specifications.
        const reads = all.filter(({ path }) => path.endsWith("/_mget"));
        const areRead = isBatched[batchWrites] && !writer.includes("plugin");
        assert.equal(reads.length > 0, areRead, JSON.stringify(all));
      });
    }
  });
}
