import { before, describe, it, type TestContext } from "node:test";

import { Crowd, type SentUpdate } from "../contention/Crowd";
import { createDocument } from "../contention/setting";
import { storedOneByOne } from "../contention/storedOneByOne";
import {
  closeEach,
  type Cluster,
  nodeNumbers,
  type NodeNumber,
} from "../support/Cluster";
import { PipelinedSocket } from "../support/PipelinedSocket";
import type { Target } from "../support/request";
import { until } from "../support/until";

const CLIENTS = 64;
const UPDATES = 10_000;

/** The batches of nodes know nothing of each other: they conflict, and are tried again. */
export function contention(of: () => Cluster): void {
  describe(`${UPDATES} updates of one document by ${CLIENTS} clients of all nodes`, () => {
    const _id = "hot";
    let target: Target;
    let sent: readonly SentUpdate[];
    /** How long all of them took. */
    let seconds: number;

    before(async () => {
      const cluster = of();
      target = await cluster.createCollection("contention");
      await createDocument(cluster, target, _id);
      await everyNodeKnows();
      const crowd = await Crowd.gather(CLIENTS, (client) => {
        const { host, port } = cluster.nodes[nodeOf(client)];
        return PipelinedSocket.connect(port, host);
      });

      const start = performance.now();
      sent = await crowd.send({
        request: () => ({ ...target, _id }),
        updates: UPDATES,
      });
      seconds = (performance.now() - start) / 1000;
      await crowd.close();
    });

    storedOneByOne(
      () => ({ _id, sent, staged: of(), target }),
      UPDATES,
      CLIENTS,
    );

    it("tell how long they took", (context: TestContext) => {
      const goodput = Math.round(UPDATES / seconds);
      context.diagnostic(
        `${UPDATES} updates took ${seconds.toFixed(1)} s: ${goodput} a second`,
      );
    });

    /** A node learns of a collection a moment after it is made. */
    async function everyNodeKnows(): Promise<void> {
      const clients = await of().connectEach();
      for (const number of nodeNumbers) {
        await until(`the collection on node ${number}`, async () => {
          const { body } = await clients[number].send({
            ...target,
            _id,
            action: "get",
            controller: "document",
          });
          return body["error"] === null;
        });
      }
      await closeEach(clients);
    }
  });
}

function nodeOf(client: number): NodeNumber {
  return nodeNumbers[client % nodeNumbers.length]!;
}
