import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import {
  closeEach,
  type Cluster,
  type NodeClients,
  nodeNumbers,
} from "../support/Cluster";

/**
 * To be run last: it leaves node 3 stopped.
 *
 * @param configured under `plugins.document-update` of every node
 */
export function configuration(of: () => Cluster, configured: JSONObject): void {
  describe("configuration", () => {
    let clients: NodeClients;

    before(async () => {
      clients = await of().connectEach();
    });

    after(() => closeEach(clients));

    it("is the same on every node", async () => {
      const [expected, ...others] = await Promise.all(
        nodeNumbers.map(async (number) => {
          const request = { action: "getConfig", controller: "server" };
          return (await clients[number].call(request))["plugins"];
        }),
      );

      const found = expected["document-update"];
      // The application adds the collections that it folds.
      assert.deepEqual({ ...found, ...configured }, found);
      for (const other of others) {
        assert.deepEqual(other, expected);
      }
    });

    it("stops only the node where it is invalid", async () => {
      const cluster = of();
      const target = await cluster.createCollection("configuration");
      const _id = "taxi";
      await cluster.stage.call({
        ...target,
        _id,
        action: "create",
        body: {},
        controller: "document",
      });
      await cluster.nodes[3].stop();

      await assert.rejects(
        cluster.nodes[3].start({
          "kuzzle_plugins__document-update__checkRights": "perhaps",
        }),
        /"plugins\.document-update\.checkRights": expected a boolean, found 'perhaps'/,
      );

      await cluster.has(2);
      for (const number of [1, 2] as const) {
        await clients[number].call({
          ...target,
          _id,
          action: "update",
          body: { seats: number },
          controller: "document-update",
        });
      }
    });
  });
}
