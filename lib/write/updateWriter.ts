import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import { collectionMatcher } from "./collectionPattern";
import type { Delegate } from "./delegateUpdate";
import { DocumentLanes, type LaneLimits } from "./DocumentLanes";
import { GroupCommit } from "./GroupCommit";
import { isGroupable } from "./isGroupable";
import { serveFolded, serveOne } from "./serveLane";
import type { UpdateArguments, Write } from "./UpdateArguments";
import { isVersionConflict } from "./versionConflict";
import { WriteScope } from "./WriteScope";
import { writeUntilStored } from "./writeUntilStored";

/** Storage's own tries of an update in a lane, where it comes before those that do not wait. */
const LANE_RETRIES = 50;

/** What decides how updates of the same moment are stored. */
export interface WriteConfiguration {
  readonly lane: LaneLimits;
  /** By pattern of collections; the first that matches decides. */
  readonly contention: Readonly<Record<string, "retry" | "fold">>;
  /** Patterns of collections. */
  readonly groupCommit: readonly string[];
}

/** Stores updates, whatever others are stored at the same moment. */
export interface UpdateWriter {
  /** @throws plugin.document-update.version_conflict, plugin.document-update.too_many_pending; any
   * other native error, untouched */
  readonly write: Write;
  /** The documents that updates wait for. */
  readonly lanes: readonly DocumentLanes[];
}

/** Makes a writer over the functions that store updates. */
export function updateWriter(
  delegate: Delegate,
  { contention, groupCommit, lane }: WriteConfiguration,
  statistics: UpdateStatistics,
): UpdateWriter {
  const scope = new WriteScope();
  const groups = new GroupCommit(delegate, scope, statistics);
  const isGrouped = collectionMatcher(groupCommit);
  const modes = Object.entries(contention).map(([pattern, mode]) => ({
    matches: collectionMatcher([pattern]),
    mode,
  }));

  const store: Write = (update) =>
    isGrouped(update.index, update.collection) && isGroupable(update)
      ? groups.write(update)
      : delegate.update(update);
  const isFolded = ({ collection, index, options }: UpdateArguments) =>
    // Those behind it would wait for the refresh, too.
    options.refresh !== "wait_for" &&
    modes.find(({ matches }) => matches(index, collection))?.mode === "fold";

  const insist: Write = (update) => {
    const options = { ...update.options, retryOnConflict: LANE_RETRIES };
    return delegate.update({ ...update, options });
  };
  const retried = new DocumentLanes(
    lane,
    scope,
    statistics,
    serveOne(insist, statistics),
  );
  const folded = new DocumentLanes(
    lane,
    scope,
    statistics,
    serveFolded(store, statistics),
  );

  return {
    lanes: [retried, folded],
    write: async (update) => {
      if (scope.isInside) {
        const deadline = performance.now() + lane.maxWait;
        return writeUntilStored(delegate.update, update, deadline, statistics);
      }
      if (isFolded(update)) {
        return folded.write(update);
      }

      try {
        return await store(update);
      } catch (error) {
        if (!isVersionConflict(error, update)) {
          throw error;
        }
        statistics.conflicts++;
        return retried.write(update, error);
      }
    },
  };
}
