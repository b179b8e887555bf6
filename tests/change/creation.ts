import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import { PipelinedSocket } from "../support/PipelinedSocket";
import type { TestApplication } from "../support/TestApplication";
import { documentOf, errorOf, send, stored } from "./setting";

/** Documents that `modify` creates from its `default`. */
export function creation(
  heard: () => TestApplication,
  unheard: () => TestApplication,
): void {
  describe("a document that does not exist", () => {
    for (const [name, of, collection, clients] of [
      ["alone", unheard, "created", 64],
      ["folded", unheard, "fold-created", 64],
      // Each waits for those before it and all their pipes.
      ["with pipes", heard, "created-heard", 24],
    ] as const) {
      it(`is created once, and counts everything, by ${clients} clients, ${name}`, async () => {
        const application = of();
        const target = await application.createCollection(collection);
        const document = { ...target, _id: "counter" };
        const jwt = await application.createUser(`creator-${collection}`, {
          document: { actions: { create: true, update: true } },
          "document-update": { actions: { modify: true } },
        });
        const sockets = await Promise.all(
          Array.from({ length: clients }, () =>
            PipelinedSocket.connect(application.port),
          ),
        );

        const answers = await Promise.all(
          sockets.map((socket, client) =>
            socket.send({
              ...document,
              action: "modify",
              // Half of them have a key, with which nothing is counted twice.
              ...(client % 2 && { args: { requestKey: randomUUID() } }),
              body: {
                default: { count: 0, kind: "counter" },
                operators: { increment: { count: 1 } },
              },
              controller: "document-update",
              jwt,
            }),
          ),
        );
        await Promise.all(sockets.map((socket) => socket.close()));

        assert.deepEqual(answers.map(errorOf).filter(Boolean), []);
        const results = answers.map(({ body }) => body["result"] as JSONObject);
        assert.equal(results.filter(({ created }) => created).length, 1);
        assert.deepEqual((await documentOf(application, document)).content, {
          count: clients,
          kind: "counter",
        });
      });
    }

    it("is notified and answered as a new one, with the changes applied to the default", async () => {
      const target = await heard().createCollection("states");
      const document = { ...target, _id: "liia" };

      const { error, result } = await send(heard(), {
        ...document,
        action: "modify",
        body: {
          changes: { driver: "Liia" },
          default: { at: { x: 1, y: 2 }, draft: true },
          operators: { set: { at: { y: 3 } }, unset: ["draft"] },
        },
      });

      assert.equal(error, null);
      assert.equal(result.created, true);
      assert.equal(result._version, 1);
      assert.deepEqual([...(result._updatedFields as string[])].sort(), [
        "at.y",
        "driver",
      ]);
      const content = { at: { y: 3 }, driver: "Liia" };
      assert.deepEqual((await documentOf(heard(), document)).content, content);
    });

    it("is changed where it exists, whatever its default", async () => {
      const target = await heard().createCollection("existing");
      const document = await stored(heard(), target, "liia", { count: 5 });

      const { result } = await send(heard(), {
        ...document,
        action: "modify",
        body: {
          default: { count: 100 },
          operators: { increment: { count: 1 } },
        },
      });

      assert.equal(result.created, false);
      const { content } = await documentOf(heard(), document);
      assert.deepEqual(content, { count: 6 });
    });

    it("is still missing for a condition, a version, and one who may not create", async () => {
      const target = await heard().createCollection("missing");
      const document = { ...target, _id: "liia", action: "modify" };
      const body = { changes: { n: 1 }, default: {} };
      const jwt = await heard().createUser("no-creator", {
        document: { actions: { update: true } },
        "document-update": { actions: { modify: true } },
      });

      for (const [more, expected] of [
        [
          { body: { ...body, condition: { exists: "n" } } },
          "404 services.storage.not_found",
        ],
        [{ args: { ifVersion: 1 } }, "404 services.storage.not_found"],
        [{ jwt }, "403 security.rights.forbidden"],
      ] as const) {
        const answer = await send(heard(), { ...document, body, ...more });
        assert.equal(errorOf({ body: answer }), expected);
      }
      const read = await heard().stage.send({
        ...target,
        _id: "liia",
        action: "get",
        controller: "document",
      });
      assert.equal(errorOf(read), "404 services.storage.not_found");
    });

    it("is predicted by a dry run, and not created", async () => {
      const target = await heard().createCollection("dry");
      const document = { ...target, _id: "liia" };

      const { result } = await send(heard(), {
        ...document,
        action: "modify",
        args: { dryRun: true, source: true },
        body: { changes: { n: 1 }, default: { m: 2 } },
      });

      assert.equal(result.created, true);
      assert.equal(result._version, 0);
      assert.equal(result._source.n, 1);
      assert.equal(result._source.m, 2);
      const read = await heard().stage.send({
        ...document,
        action: "get",
        controller: "document",
      });
      assert.equal(errorOf(read), "404 services.storage.not_found");
    });
  });
}
