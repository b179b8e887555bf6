import assert from "node:assert/strict";
import { before, describe, it, type TestContext } from "node:test";

import { Kuzzle, WebSocket } from "kuzzle-sdk";

import { DocumentUpdateController } from "../../lib/client";
import { countTogether } from "../change/countTogether";
import { documentOf, stored } from "../change/setting";
import type { Cluster } from "../support/Cluster";
import type { Target } from "../support/request";
import { connectTo, everyNodeKnows, nodeOf } from "./everyNode";

const CLIENTS = 24;
const INCREMENTS = 20;

export function counters(of: () => Cluster): void {
  describe(`${INCREMENTS} increments of one counter by each of ${CLIENTS} clients of all nodes`, () => {
    countTogether(
      () => ({
        connect: (client) => connectTo(of(), client),
        isKnown: (document) => everyNodeKnows(of(), document),
        staged: of(),
      }),
      INCREMENTS,
      CLIENTS,
    );
  });

  describe(`a change of one document by each of ${CLIENTS} clients of all nodes, by updateWithRetry`, () => {
    let document: Target & { readonly _id: string };
    let attempts = 0;

    before(async () => {
      const cluster = of();
      const target = await cluster.createCollection("retries");
      document = await stored(cluster, target, "shared", { count: 0 });
      await everyNodeKnows(cluster, document);
      const clients = await Promise.all(
        Array.from({ length: CLIENTS }, async (_, client) => {
          const { host, port } = cluster.nodes[nodeOf(client)];
          const kuzzle = new Kuzzle(new WebSocket(host, { port }));
          await kuzzle.connect();
          return kuzzle;
        }),
      );

      await Promise.all(
        clients.map(async (kuzzle, client) => {
          const controller = new DocumentUpdateController(kuzzle);
          await controller.updateWithRetry<{ count: number }>(
            document.index,
            document.collection,
            document._id,
            ({ _source: { count } }) => {
              attempts++;
              return { [`client-${client}`]: true, count: count + 1 };
            },
            // Each attempt that fails has seen another one stored.
            { retries: CLIENTS },
          );
          kuzzle.disconnect();
        }),
      );
    });

    it("are all stored", async (context: TestContext) => {
      const { content, version } = await documentOf(of(), document);
      assert.equal(content["count"], CLIENTS);
      assert.equal(Object.keys(content).length, CLIENTS + 1);
      assert.equal(version, CLIENTS + 1);
      context.diagnostic(`${CLIENTS} changes took ${attempts} attempts`);
    });
  });
}
