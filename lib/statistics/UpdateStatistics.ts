import { Histogram } from "./Histogram";

const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** Ids of errors that are counted each: pipes of an application may make up any number. */
const MAX_ERROR_IDS = 100;

/** What the update action has done on this node since it started. Counters alone: they cost next to nothing. */
export class UpdateStatistics {
  /** Updates that were asked for. */
  updates = 0;
  /** Those of them that have no answer yet. */
  underWay = 0;
  /** Updates that failed, by the id of the error. */
  readonly failures = new Map<string, number>();
  /** Writes that lost against others of the same document, after storage's own tries. */
  conflicts = 0;
  /** Writes that were sent again after a conflict. */
  retries = 0;
  /** Highest number of updates that have waited for one document at the same time. */
  longestLane = 0;
  /** Number of updates in each fold. */
  readonly folds = new Histogram(SIZES);
  /** Number of updates in each request to storage. */
  readonly batches = new Histogram(SIZES);
  /** Duration of each call of the embedded SDK, in seconds. */
  readonly delegate = new Histogram(SECONDS);

  /** Counts a failed update by the id of its error, or as `other` once there are too many ids. */
  failed(id: string): void {
    const { failures } = this;
    const counted =
      failures.has(id) || failures.size < MAX_ERROR_IDS ? id : "other";
    failures.set(counted, (failures.get(counted) ?? 0) + 1);
  }

  laneReached(length: number): void {
    this.longestLane = Math.max(this.longestLane, length);
  }
}
