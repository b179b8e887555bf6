import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import type { Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import {
  errorsOf,
  fieldOf,
  lastValues,
  type SentUpdate,
  versionsOf,
} from "./Crowd";
import {
  contentOf,
  createDocument,
  crowdOf,
  kept,
  queuesEmpty,
} from "./setting";
import { Subscriber } from "./Subscriber";

const CLIENTS = 64;
const UPDATES = 640;
const SOME = 256;

export function fold(of: () => TestApplication): void {
  describe(`${UPDATES} updates of one document by ${CLIENTS} clients, folded`, () => {
    const _id = "hot";
    /** The anonymous user and another one, in turns. */
    const users: { jwt: string | null; kuid: string }[] = [];
    const userOf = (client: number) => users[client % 2]!;
    let target: Target;
    let sent: readonly SentUpdate[];
    let told: readonly JSONObject[];

    before(async () => {
      const application = of();
      const { port } = application;
      target = await application.createCollection("fold");
      await createDocument(application, target, _id);
      const { folder } = await application.createUsers({
        folder: { "*": { actions: { "*": true } } },
      });
      users.push({ jwt: null, kuid: "-1" });
      users.push({ jwt: folder, kuid: `folder-${application.suffix}` });
      const subscriber = await Subscriber.of(target, port);
      const crowd = await crowdOf(application, CLIENTS);
      sent = await crowd.send({
        request: (client) => ({
          ...target,
          _id,
          // Half of each user's by the native action, which is intercepted.
          controller: client % 4 < 2 ? "document" : "document-update",
          jwt: userOf(client).jwt,
        }),
        updates: UPDATES,
      });
      told = await subscriber.told();
      await Promise.all([crowd.close(), subscriber.close()]);
    });

    it("are all acknowledged", () => {
      assert.equal(sent.length, UPDATES);
      assert.deepEqual(errorsOf(sent), []);
    });

    it("are stored, those of a client in their order", async () => {
      assert.deepEqual(await contentOf(of(), target, _id), {
        ...kept,
        ...lastValues(sent)[_id],
      });
      assert.equal(Object.keys(lastValues(sent)[_id]!).length, CLIENTS);
    });

    it("share versions", () => {
      const versions = versionsOf(sent);
      assert.ok(versions.size < UPDATES / 2, `${versions.size} versions`);
      // Each of them was one that storage made.
      assert.equal(Math.max(...versions), versions.size + 1);
    });

    it("are answered with the client's own changes, in the name of its user", () => {
      for (const { answer, field, value } of sent) {
        const { _kuzzle_info, ...changes } = answer["result"]._source;
        assert.deepEqual(changes, { [field]: value });
        assert.equal(typeof _kuzzle_info.updatedAt, "number");
        const client = Number(field.split("-")[1]);
        assert.equal(_kuzzle_info.updater, userOf(client).kuid, field);
      }
    });

    it("are notified once for each version, with all updated fields", () => {
      assert.equal(told.length, versionsOf(sent).size);
      const fields = told.flatMap(({ result }) => result._updatedFields);
      assert.deepEqual(
        [...new Set(fields)].sort(),
        Array.from({ length: CLIENTS }, (_, client) => fieldOf(client)).sort(),
      );
      // One fold has no two updates of a client, who waits for its answer.
      assert.equal(fields.length, UPDATES);
    });

    it("are notified in the name of one user, who has sent all that is in it", () => {
      for (const { result } of told) {
        const { updater } = result._source._kuzzle_info;
        for (const field of result._updatedFields as string[]) {
          const client = Number(field.split("-")[1]);
          assert.equal(updater, userOf(client).kuid, field);
        }
      }
    });

    it("leave no queue behind", () => queuesEmpty(of()));
  });

  describe(`${SOME} folded updates`, () => {
    const _id = "hot";

    it("are answered with the whole document where the client wants it", async () => {
      const application = of();
      const target = await application.createCollection("fold-source");
      await createDocument(application, target, _id);
      const crowd = await crowdOf(application, CLIENTS);

      const sent = await crowd.send({
        request: () => ({ ...target, _id, args: { source: true } }),
        updates: SOME,
      });
      await crowd.close();

      assert.deepEqual(errorsOf(sent), []);
      assert.ok(versionsOf(sent).size < SOME / 2);
      for (const { answer, field, value } of sent) {
        const { _source } = answer["result"];
        assert.equal(_source.kept, true);
        assert.equal(_source[field], value);
      }
    });

    it("are notified to nobody where they are silent", async () => {
      const application = of();
      const target = await application.createCollection("fold-silent");
      await createDocument(application, target, _id);
      const subscriber = await Subscriber.of(target, application.port);
      const crowd = await crowdOf(application, CLIENTS);
      const isSilent = (client: number) => client % 2 === 0;

      const sent = await crowd.send({
        request: (client) => ({
          ...target,
          _id,
          args: { silent: isSilent(client) },
        }),
        updates: SOME,
      });
      const told = await subscriber.told();
      await Promise.all([crowd.close(), subscriber.close()]);

      assert.deepEqual(errorsOf(sent), []);
      const loud = Array.from({ length: CLIENTS }, (_, client) => client)
        .filter((client) => !isSilent(client))
        .map(fieldOf);
      const fields = told.flatMap(({ result }) => result._updatedFields);
      assert.deepEqual([...new Set(fields)].sort(), loud.sort());
      assert.deepEqual(await contentOf(application, target, _id), {
        ...kept,
        ...lastValues(sent)[_id],
      });
    });
  });
}
