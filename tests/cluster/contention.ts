import { before, describe, it, type TestContext } from "node:test";

import { Crowd, type SentUpdate } from "../contention/Crowd";
import { createDocument } from "../contention/setting";
import { storedOneByOne } from "../contention/storedOneByOne";
import type { Cluster } from "../support/Cluster";
import type { Target } from "../support/request";
import { connectTo, everyNodeKnows } from "./everyNode";

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
      await everyNodeKnows(cluster, { ...target, _id });
      const crowd = await Crowd.gather(CLIENTS, (client) =>
        connectTo(cluster, client),
      );

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
  });
}
