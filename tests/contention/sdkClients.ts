import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { type JSONObject, Kuzzle, WebSocket } from "kuzzle-sdk";

import type { Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import { batchedOf, createDocument, statsOf } from "./setting";
import { Subscriber } from "./Subscriber";

const CLIENTS = 40;
const UPDATES = 120;

/** What a client knows of its update. */
interface Sent {
  readonly _id: string;
  readonly requestId: string;
  readonly instance: string;
  readonly number: number;
}

export function sdkClients(of: () => TestApplication): void {
  describe(`${UPDATES} updates at once by ${CLIENTS} clients of kuzzle-sdk`, () => {
    const clients: Kuzzle[] = [];
    const sent: Sent[] = [];
    let target: Target;
    let told: readonly JSONObject[];
    let batched: number;

    before(async () => {
      const application = of();
      const { port } = application;
      target = await application.createCollection("sdk");
      for (let number = 0; number < UPDATES; number++) {
        await createDocument(application, target, `document-${number}`);
      }
      for (let number = 0; number < CLIENTS; number++) {
        const client = new Kuzzle(new WebSocket("127.0.0.1", { port }));
        await client.connect();
        clients.push(client);
      }
      const subscriber = await Subscriber.of(target, port);
      const batchedBefore = batchedOf(await statsOf(application));

      await Promise.all(
        Array.from({ length: UPDATES }, async (_, number) => {
          const _id = `document-${number}`;
          const { requestId, volatile } = await clients[
            number % CLIENTS
          ]!.query(
            {
              ...target,
              _id,
              action: "update",
              body: { number },
              controller: "document-update",
            },
            { volatile: { number } },
          );
          const instance = String(volatile!["sdkInstanceId"]);
          sent.push({ _id, instance, number, requestId });
        }),
      );

      told = await subscriber.told();
      batched = batchedOf(await statsOf(application)) - batchedBefore;
      await subscriber.close();
    });

    after(() => clients.forEach((client) => client.disconnect()));

    it("share requests to storage", () => {
      assert.equal(new Set(sent.map(({ instance }) => instance)).size, CLIENTS);
      assert.ok(batched > UPDATES / 2, `${batched} updates were batched`);
    });

    it("are each notified with the requestId and the volatile of their client", () => {
      const heard = told.map(({ requestId, result, volatile }) => ({
        _id: result._id,
        instance: volatile.sdkInstanceId,
        number: volatile.number,
        requestId,
      }));
      const byNumber = (one: { number: number }, other: { number: number }) =>
        one.number - other.number;

      assert.deepEqual(heard.sort(byNumber), sent.sort(byNumber));
    });
  });
}
