import { before, describe } from "node:test";

import { Crowd, type SentUpdate } from "../contention/Crowd";
import { createDocument } from "../contention/setting";
import { storedOneByOne } from "../contention/storedOneByOne";
import type { Cluster } from "../support/Cluster";
import type { Target } from "../support/request";
import { connectTo, everyNodeKnows } from "./everyNode";

const CLIENTS = 64;
const UPDATES = 2_000;

/** The batches of nodes know nothing of each other: they conflict, and are tried again. */
export function contention(of: () => Cluster): void {
  describe(`${UPDATES} updates of one document by ${CLIENTS} clients of all nodes`, () => {
    const _id = "hot";
    let target: Target;
    let sent: readonly SentUpdate[];

    before(async () => {
      const cluster = of();
      target = await cluster.createCollection("contention");
      await createDocument(cluster, target, _id);
      await everyNodeKnows(cluster, { ...target, _id });
      const crowd = await Crowd.gather(CLIENTS, (client) =>
        connectTo(cluster, client),
      );
      sent = await crowd.send({
        request: () => ({ ...target, _id }),
        updates: UPDATES,
      });
      await crowd.close();
    });

    storedOneByOne(
      () => ({ _id, sent, staged: of(), target }),
      UPDATES,
      CLIENTS,
    );
  });
}
