import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import type {
  UpdateArguments,
  UpdatedDocument,
  Write,
} from "./UpdateArguments";
import { isVersionConflict, versionConflict } from "./versionConflict";

/**
 * Writes an update again and again, until it is not a version conflict that it fails of.
 *
 * @param deadline moment, of `performance.now()`, after which it is not tried again
 * @throws plugin.document-update.version_conflict
 */
export async function writeUntilStored(
  write: Write,
  update: UpdateArguments,
  deadline: number,
  statistics: UpdateStatistics,
): Promise<UpdatedDocument> {
  for (;;) {
    try {
      return await write(update);
    } catch (error) {
      if (!isVersionConflict(error, update)) {
        throw error;
      }
      statistics.conflicts++;
      if (performance.now() >= deadline) {
        throw versionConflict(update, error);
      }
      statistics.retries++;
    }
  }
}
