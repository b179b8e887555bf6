import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { closeEach, Cluster, nodeNumbers } from "../support/Cluster";
import { configuration } from "./configuration";
import { contention } from "./contention";
import { counters } from "./counters";
import { failover } from "./failover";
import { notifications } from "./notifications";
import { requestKeys } from "./requestKeys";
import { rights } from "./rights";

// A Redis of its own: nodes that share one are one cluster.
process.env["REDIS_URL"] = "";

/** What nodes are configured with, and the controllers whose updates are the plugin's then. */
const clusters = [
  { configured: { interceptNative: false }, controllers: ["document-update"] },
  {
    configured: { interceptNative: true },
    controllers: ["document-update", "document"],
  },
];

for (const { configured, controllers } of clusters) {
  const title = `a cluster with ${JSON.stringify(configured)}`;

  describe(title, async () => {
    const unmet = await Cluster.unmet();
    if (unmet !== undefined) {
      // A suite that is skipped is counted nowhere: a test is.
      it("runs", { skip: unmet });
      return;
    }
    let cluster: Cluster;

    before(async () => {
      cluster = await Cluster.start(environment(configured));
    });

    after(() => cluster.delete());

    it("every node sees all three", async () => {
      const clients = await cluster.connectEach();
      for (const number of nodeNumbers) {
        const { nodes } = await cluster.status(clients[number]);
        assert.equal(new Set(nodes.map(({ address }) => address)).size, 3);
      }
      await closeEach(clients);
    });

    for (const controller of controllers) {
      describe(`${controller}:update`, () => {
        notifications(() => cluster, controller);
        rights(() => cluster, controller);
        if (!configured.interceptNative) {
          contention(() => cluster);
          counters(() => cluster);
          requestKeys(() => cluster);
        }
        failover(() => cluster, controller);
      });
    }
    configuration(() => cluster, configured);
  });
}

/** The environment that configures the plugin so. */
function environment(configured: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(configured).map(([key, value]) => [
      `kuzzle_plugins__document-update__${key}`,
      JSON.stringify(value),
    ]),
  );
}
