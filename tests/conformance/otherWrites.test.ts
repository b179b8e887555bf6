import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { SentRequest } from "../application/StorageProbe";
import { PipelinedSocket } from "../support/PipelinedSocket";
import type { Target } from "../support/request";
import { TestApplication } from "../support/TestApplication";

/** Documents that are updated at once. */
const IDS = Array.from({ length: 8 }, (_, n) => `document-${n}`);

/** Whose updates share requests to storage, without `interceptNative` and with it. */
const writers = {
  "a client, by the plugin": { false: true, true: true },
  "a client, natively": { false: false, true: true },
  "app.sdk": { false: false, true: true },
  "a client, by upsert": { false: false, true: false },
  "app.storage.storageClient": { false: false, true: false },
  "new app.storage.StorageClient()": { false: false, true: false },
  "a private index": { false: false, true: false },
};

for (const interceptNative of ["false", "true"] as const) {
  describe(`interceptNative: ${interceptNative}`, () => {
    let application: TestApplication;
    let socket: PipelinedSocket;
    let target: Target;

    before(async () => {
      application = await TestApplication.start({
        PROBE_EVENTS: "false",
        "kuzzle_plugins__document-update__interceptNative": interceptNative,
        kuzzle_services__internalCache__options__db:
          interceptNative === "true" ? "1" : "0",
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
      it(`${isBatched[interceptNative] ? "batches" : "leaves alone"} the updates of ${writer}`, async () => {
        await sent();

        await update(writer);

        const all = await sent();
        const updates = all.filter(({ path }) =>
          /\/(_update|_bulk)\b/.test(path),
        );
        const bulks = updates.filter(({ path }) => path.endsWith("/_bulk"));
        assert.ok(updates.length > 0);
        if (isBatched[interceptNative]) {
          assert.ok(bulks.length > 0, JSON.stringify(updates));
          assert.ok(updates.length < IDS.length, JSON.stringify(updates));
        } else {
          assert.deepEqual(bulks, []);
          assert.equal(updates.length, IDS.length);
        }
        // These need not be read: nothing listens, and there are no specifications.
        if (isBatched[interceptNative]) {
          assert.equal(all.length, updates.length, JSON.stringify(all));
        }
      });
    }
  });
}
