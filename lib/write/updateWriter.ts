import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import { FoldLanes } from "./FoldLanes";
import type { FoldRules } from "./foldRules";
import type { QueueLimits } from "./QueueLimits";
import type { Write } from "./UpdateArguments";
import { writeUntilStored } from "./writeUntilStored";

/** Stores updates, and retries them after conflicts with other writes of their documents. */
export interface UpdateWriter {
  /**
   * @throws plugin.document-update.version_conflict, plugin.document-update.too_many_pending; any other
   * native error, unchanged
   */
  readonly write: Write;
  /** Queues of the documents whose updates are folded. */
  readonly lanes: FoldLanes;
}

/** @param delegate stores an update by one call of the embedded SDK */
export function updateWriter(
  delegate: Write,
  rules: FoldRules,
  limits: QueueLimits,
  statistics: UpdateStatistics,
): UpdateWriter {
  const lanes = new FoldLanes(
    (update, maxWait) =>
      writeUntilStored(() => delegate(update), update, maxWait, statistics),
    rules,
    limits,
    statistics,
  );

  return {
    lanes,
    write: (update) =>
      rules.isQueued(update)
        ? lanes.write(update)
        : writeUntilStored(
            () => delegate(update),
            update,
            limits.maxWait,
            statistics,
          ),
  };
}
