import { setTimeout } from "node:timers/promises";

import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import type {
  UpdateArguments,
  UpdatedDocument,
  Write,
} from "./UpdateArguments";
import { isVersionConflict, versionConflict } from "./versionConflict";

/** Longest pause before the first retry, in ms; it doubles with each. */
const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 200;

/**
 * Writes an update, and again after a pause as long as it is a version conflict that it fails of:
 * another node, or what writes past the plugin, has changed the document meanwhile.
 *
 * @param maxWait in ms, after which it is not tried again
 * @throws plugin.document-update.version_conflict
 */
export async function writeUntilStored(
  write: Write,
  update: UpdateArguments,
  maxWait: number,
  statistics: UpdateStatistics,
): Promise<UpdatedDocument> {
  const deadline = performance.now() + maxWait;
  let pause = FIRST_PAUSE;
  for (;;) {
    try {
      return await write(update);
    } catch (error) {
      if (!isVersionConflict(error, update)) {
        throw error;
      }
      statistics.conflicts++;
      const left = deadline - performance.now();
      if (left <= 0) {
        throw versionConflict(update, error);
      }
      // A random part of the pause, lest those that conflicted meet again.
      await setTimeout(Math.min(Math.random() * pause, left));
      pause = Math.min(2 * pause, LONGEST_PAUSE);
      statistics.retries++;
    }
  }
}
