import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import {
  closeEach,
  Cluster,
  type NodeClients,
  nodeNumbers,
} from "../support/Cluster";
import { Audience } from "./Audience";
import { contention } from "./contention";
import { counters } from "./counters";
import { failover } from "./failover";
import { rights } from "./rights";
import { controllers, setting } from "./setting";

// A Redis of its own: nodes that share one are one cluster.
process.env["REDIS_URL"] = "";

/** One cluster for all: what makes most of its time is Kuzzle's starts, and the loss of a node. */
describe("a cluster of three nodes", async () => {
  const unmet = await Cluster.unmet();
  if (unmet !== undefined) {
    // A suite that is skipped is counted nowhere: a test is.
    it("runs", { skip: unmet });
    return;
  }
  let cluster: Cluster;
  let clients: NodeClients;

  before(async () => {
    cluster = await Cluster.start({
      [setting("interceptNative")]: "true",
      // However slow the machine is, each client gets its turn.
      [setting("maxWait")]: "60000",
    });
    clients = await cluster.connectEach();
  });

  after(async () => {
    await closeEach(clients);
    await cluster.delete();
  });

  it("every node sees all three, and has the same configuration", async () => {
    const [expected, ...others] = await Promise.all(
      nodeNumbers.map(async (number) => {
        const { nodes } = await cluster.status(clients[number]);
        assert.equal(new Set(nodes.map(({ address }) => address)).size, 3);
        const request = { action: "getConfig", controller: "server" };
        return (await clients[number].call(request))["plugins"];
      }),
    );

    assert.equal(expected["document-update"].interceptNative, true);
    assert.deepEqual(others, [expected, expected]);
  });

  describe("notifications", () => {
    let audience: Audience;

    before(async () => {
      audience = await Audience.gather(cluster);
    });

    after(() => audience.close());

    for (const controller of controllers) {
      for (const from of nodeNumbers) {
        it(`tells a subscriber of each node once of ${controller}:update on node ${from}`, () =>
          audience.assertNotified(controller, from));
      }
    }
  });

  rights(() => cluster);
  contention(() => cluster);
  counters(() => cluster);
  failover(() => cluster);

  // The last one: it leaves node 3 stopped.
  it("an invalid configuration stops only the node that has it", async () => {
    const target = await cluster.createCollection("configuration");
    const document = { ...target, _id: "taxi", controller: "document" };
    await cluster.stage.call({ ...document, action: "create", body: {} });
    await cluster.nodes[3].stop();

    await assert.rejects(
      cluster.nodes[3].start({ [setting("checkRights")]: "perhaps" }),
      /"plugins\.document-update\.checkRights": expected a boolean, found 'perhaps'/,
    );

    for (const number of [1, 2] as const) {
      await clients[number].call({
        ...document,
        action: "update",
        body: { seats: number },
      });
    }
  });
});
