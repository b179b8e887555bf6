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

/**
 * Writes of one document that are under way at once when they conflict, and storage's own tries of
 * each. One after another they would take three times as long; more of them would conflict with each
 * other for most of the time.
 */
const LANE_WIDTH = 20;
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

  const joinsGroup = (update: UpdateArguments) =>
    isGrouped(update.index, update.collection) && isGroupable(update);
  const store: Write = (update) =>
    joinsGroup(update) ? groups.write(update) : delegate.update(update);
  /** Those behind it in a lane would wait for the refresh, too. */
  const waitsForRefresh = ({ options }: UpdateArguments) =>
    options.refresh === "wait_for";
  const isFolded = (update: UpdateArguments) =>
    !waitsForRefresh(update) &&
    modes.find(({ matches }) => matches(update.index, update.collection))
      ?.mode === "fold";

  const insist: Write = (update) => {
    const options = { ...update.options, retryOnConflict: LANE_RETRIES };
    return delegate.update({ ...update, options });
  };
  /** Writes outside of any lane. */
  const persist = (write: Write, update: UpdateArguments) => {
    const deadline = performance.now() + lane.maxWait;
    return writeUntilStored(write, update, deadline, statistics);
  };

  const retried = new DocumentLanes(
    LANE_WIDTH,
    lane,
    scope,
    statistics,
    serveOne(insist, statistics),
  );
  const folded = new DocumentLanes(
    1,
    lane,
    scope,
    statistics,
    serveFolded(store, statistics),
  );

  /**
   * Tells whether an update need not try its luck first. A client's own `retryOnConflict` is for
   * storage to judge; a group keeps those of one document in order by itself.
   */
  const joinsLane = (update: UpdateArguments) =>
    retried.has(update) &&
    lane.maxWait > 0 &&
    !waitsForRefresh(update) &&
    (update.options.retryOnConflict ?? undefined) === undefined &&
    !joinsGroup(update);

  return {
    lanes: [retried, folded],
    write: (update) => {
      if (scope.isInside) {
        return persist(delegate.update, update);
      }
      if (isFolded(update)) {
        return folded.write(update);
      }
      if (joinsLane(update)) {
        return retried.write(update);
      }

      return store(update).catch((error: unknown) => {
        if (!isVersionConflict(error, update)) {
          throw error;
        }
        statistics.conflicts++;
        return waitsForRefresh(update)
          ? persist(insist, update)
          : retried.write(update, error);
      });
    },
  };
}
