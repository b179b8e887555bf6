import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import type { PendingUpdate, ServeWaiting, Waiting } from "./DocumentLanes";
import { answerTo } from "./answerTo";
import { foldUpdates, takeFoldable } from "./fold";
import type { Write } from "./UpdateArguments";
import { writeUntilStored } from "./writeUntilStored";

/** Serves a lane by writing the first update that waits. */
export function serveOne(
  write: Write,
  statistics: UpdateStatistics,
): ServeWaiting {
  return async (waiting) => {
    for (const { deadline, reject, resolve, update } of waiting.splice(0, 1)) {
      await writeUntilStored(write, update, deadline, statistics).then(
        resolve,
        reject,
      );
    }
  };
}

/**
 * Serves a lane by writing updates that wait as one, where they can be. When that fails they are
 * tried half by half, until their deadline, so that in the end each fails or not by itself.
 */
export function serveFolded(
  write: Write,
  statistics: UpdateStatistics,
): ServeWaiting {
  const serveFirst = serveOne(write, statistics);

  const settle = async (taken: Waiting): Promise<void> => {
    if (taken.length === 1) {
      return serveFirst(taken);
    }

    const folded = foldUpdates(taken.map(({ update }) => update));
    // In order of arrival: that of the first is the nearest.
    const [{ deadline }] = taken as [PendingUpdate, ...Waiting];
    try {
      const document = await writeUntilStored(
        write,
        folded,
        deadline,
        statistics,
      );
      statistics.folds.record(taken.length);
      for (const { resolve, update } of taken) {
        resolve(answerTo(document, update));
      }
    } catch (error) {
      if (performance.now() >= deadline) {
        taken.forEach(({ reject }) => reject(error as Error));
        return;
      }
      const middle = Math.ceil(taken.length / 2);
      await settle(taken.slice(0, middle));
      await settle(taken.slice(middle));
    }
  };

  return (waiting) => settle(takeFoldable(waiting));
}
