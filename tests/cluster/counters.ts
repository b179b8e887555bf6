import assert from "node:assert/strict";
import { before, describe, it, type TestContext } from "node:test";

import { Kuzzle, WebSocket } from "kuzzle-sdk";

import { DocumentUpdateController } from "../../lib/client";
import { CLIENTS, countTogether } from "../change/countTogether";
import { documentOf, stored } from "../change/setting";
import type { Cluster } from "../support/Cluster";
import type { Target } from "../support/request";
import { connectTo, everyNodeKnows, nodeOf } from "./everyNode";

const INCREMENTS = 200;
const CHANGES = 2;

export function counters(of: () => Cluster): void {
  describe(`${INCREMENTS} increments of one counter by each of ${CLIENTS} clients of all nodes`, () => {
    countTogether(
      () => ({
        connect: (client) => connectTo(of(), client),
        isKnown: (document) => everyNodeKnows(of(), document),
        staged: of(),
      }),
      INCREMENTS,
    );
  });

  describe(`${CHANGES} changes of one document by each of ${CLIENTS} clients of all nodes, by updateWithRetry`, () => {
    let document: Target & { readonly _id: string };
    let attempts = 0;
    let seconds: number;

    before(async () => {
      const cluster = of();
      const target = await cluster.createCollection("retries");
      document = await stored(cluster, target, "shared", { count: 0 });
      await everyNodeKnows(cluster, document);
      const clients = await Promise.all(
        Array.from({ length: CLIENTS }, async (_, client) => {
          const { host, port } = nodeOf(cluster, client);
          const kuzzle = new Kuzzle(new WebSocket(host, { port }));
          await kuzzle.connect();
          return kuzzle;
        }),
      );

      const start = performance.now();
      await Promise.all(
        clients.map(async (kuzzle, client) => {
          const controller = new DocumentUpdateController(kuzzle);
          for (let change = 0; change < CHANGES; change++) {
            await controller.updateWithRetry<{ count: number }>(
              document.index,
              document.collection,
              document._id,
              ({ _source: { count } }) => {
                attempts++;
                return { [`${client}-${change}`]: true, count: count + 1 };
              },
              // Each attempt that fails has seen another one stored.
              { retries: CLIENTS * CHANGES },
            );
          }
          kuzzle.disconnect();
        }),
      );
      seconds = (performance.now() - start) / 1000;
    });

    it("are all stored", async (context: TestContext) => {
      const all = CLIENTS * CHANGES;
      const { content, version } = await documentOf(of(), document);
      assert.equal(content["count"], all);
      assert.equal(Object.keys(content).length, all + 1);
      assert.equal(version, all + 1);
      context.diagnostic(
        `${all} changes took ${attempts} attempts and ${seconds.toFixed(1)} s`,
      );
    });
  });
}
