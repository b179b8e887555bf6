import { setTimeout } from "node:timers/promises";

import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import type { Target } from "./UpdateArguments";
import { isVersionConflict, versionConflict } from "./versionConflict";

/** Longest pause before each retry, in ms; the last of them before all that follow. */
const PAUSES = [10, 20, 40, 80, 160, 200] as const;

/**
 * Writes a document, and again after a pause as long as it is a version conflict that it fails of:
 * another node, or what writes past the plugin, has changed the document meanwhile.
 *
 * @param maxWait in ms, after which it is not tried again
 * @param pauses by default, those of a write that any number of others may compete with
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
      // A random part of the pause, lest those that conflicted meet again.
      const pause = pauses[retry++] ?? pauses.at(-1)!;
      await setTimeout(Math.min(Math.random() * pause, left));
      statistics.retries++;
    }
  }
}
