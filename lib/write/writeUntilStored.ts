import { setTimeout } from "node:timers/promises";

import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import type { Target } from "./UpdateArguments";
import { isVersionConflict, versionConflict } from "./versionConflict";

/** Backoff: longest pause before each retry, in ms. The last one is used for all further retries. */
const PAUSES = [10, 20, 40, 80, 160, 200] as const;

/**
 * Retries a write with backoff as long as it fails with a version conflict: another node, or a write
 * that does not go through the plugin, has changed the document meanwhile.
 *
 * @param maxWait how long to retry, in ms
 * @param pauses backoff; the default is for a write with any number of competitors
 * @throws plugin.document-update.version_conflict
 */
export async function writeUntilStored<TDocument>(
  write: () => Promise<TDocument>,
  target: Target,
  maxWait: number,
  statistics: UpdateStatistics,
  pauses: readonly [number, ...number[]] = PAUSES,
): Promise<TDocument> {
  const deadline = performance.now() + maxWait;
  let retry = 0;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!isVersionConflict(error, target)) {
        throw error;
      }
      statistics.conflicts++;
      const left = deadline - performance.now();
      if (left <= 0) {
        throw versionConflict(target, error);
      }
      // Jitter: a random part of the pause, so that writes that conflicted do not conflict again.
      const pause = pauses[retry++] ?? pauses.at(-1)!;
      await setTimeout(Math.min(Math.random() * pause, left));
      statistics.retries++;
    }
  }
}
