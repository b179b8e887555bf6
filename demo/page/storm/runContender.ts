import { errorName } from "../../nativeErrors";
import { sample } from "../../sampleData";
import type { Client } from "../Client";
import type { Contender } from "./contenders";
import type { Ledger } from "./Ledger";

/** How a storm is made. */
export interface StormPlan {
  readonly inFlight: number;
  /** Whether all clients update the same document. */
  readonly isHot: boolean;
  readonly retryOnConflict: number | undefined;
  /** How many updates each way gets. */
  readonly updates: number;
}

/**
 * Sends the updates of one way: each client one after the other, all clients at once.
 *
 * @param clients the connections that they share
 * @param ledger takes down what comes of them
 * @param isStopped asked before each update
 */
export async function runContender(
  { inFlight, retryOnConflict, updates }: StormPlan,
  { collection, read, update }: Contender,
  ids: readonly string[],
  clients: readonly Client[],
  ledger: Ledger,
  isStopped: () => boolean,
): Promise<void> {
  let next = 0;

  const work = async (position: number) => {
    const connection = position % clients.length;
    const client = clients[connection];
    const _id = ids[position % ids.length];
    while (client && _id !== undefined && next < updates && !isStopped()) {
      const step = next++;
      const begun = performance.now();
      const target = { _id, collection, index: sample.index };
      try {
        const count = read ? await read(client, target) : 0;
        const sent = ledger.send(connection, _id, begun, step);
        const version = await update(
          client,
          { ...target, count, step },
          retryOnConflict,
        );
        ledger.store(sent, version, performance.now());
      } catch (error) {
        ledger.fail(errorName(error as { id?: string; message: string }));
      }
    }
  };

  await Promise.all(Array.from({ length: inFlight }, (_, each) => work(each)));
  ledger.end(performance.now());
}
