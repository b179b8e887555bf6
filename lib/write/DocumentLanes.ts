import { pluginError } from "../errors";
import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import type { UpdateArguments, UpdatedDocument } from "./UpdateArguments";
import { versionConflict } from "./versionConflict";
import type { WriteScope } from "./WriteScope";

/** Limits to the updates that wait for one document. */
export interface LaneLimits {
  /** In ms. */
  readonly maxWait: number;
  /** In updates, on this node. */
  readonly maxPending: number;
}

/** An update in a lane, and the client that waits for it. */
export interface PendingUpdate {
  readonly update: UpdateArguments;
  /** After this moment, of `performance.now()`, it is not tried again. */
  readonly deadline: number;
  readonly resolve: (document: UpdatedDocument) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Takes updates from those that wait, the first among them, and has each of them resolved or
 * rejected. It never rejects.
 */
export type ServeWaiting = (waiting: Waiting) => Promise<void>;

/** The updates that wait for one document, in order of arrival. */
export type Waiting = PendingUpdate[];

interface Lane {
  readonly waiting: Waiting;
  /** How many writes are under way. */
  writing: number;
}

/**
 * Has no more than some writes of a document under way at once on this node; further updates of it
 * wait for their turn. A lane is there while its document is written, and no longer.
 */
export class DocumentLanes {
  readonly #lanes = new Map<string, Lane>();
  readonly #limits: LaneLimits;
  readonly #scope: WriteScope;
  readonly #serve: ServeWaiting;
  readonly #statistics: UpdateStatistics;
  readonly #width: number;

  /** @param width how many writes of a document may be under way at once */
  constructor(
    width: number,
    limits: LaneLimits,
    scope: WriteScope,
    statistics: UpdateStatistics,
    serve: ServeWaiting,
  ) {
    this.#limits = limits;
    this.#scope = scope;
    this.#serve = serve;
    this.#statistics = statistics;
    this.#width = width;
  }

  /** How many documents are being written in a lane. */
  get count(): number {
    return this.#lanes.size;
  }

  /** How many updates wait for the document that most wait for. */
  get longest(): number {
    let longest = 0;
    for (const { waiting } of this.#lanes.values()) {
      longest = Math.max(longest, waiting.length);
    }

    return longest;
  }

  /** Tells whether the document of an update is being written in a lane. */
  has(update: UpdateArguments): boolean {
    return this.#lanes.size > 0 && this.#lanes.has(keyOf(update));
  }

  /**
   * Writes an update when its turn has come.
   *
   * @param cause why it could not be stored at once
   * @throws plugin.document-update.too_many_pending, plugin.document-update.version_conflict
   */
  write(update: UpdateArguments, cause?: unknown): Promise<UpdatedDocument> {
    const { maxPending, maxWait } = this.#limits;
    const key = keyOf(update);
    const lane = this.#lanes.get(key) ?? { waiting: [], writing: 0 };
    const { waiting } = lane;
    this.#lanes.set(key, lane);

    return new Promise((resolve, reject) => {
      const deadline = performance.now() + maxWait;
      if (lane.writing < this.#width) {
        waiting.push({ deadline, reject, resolve, update });
        void this.#drain(key, lane);
        return;
      }
      if (waiting.length >= maxPending) {
        const { _id, collection, index } = update;
        const target = [index, collection, _id];
        reject(pluginError("too_many_pending", ...target, String(maxPending)));
        return;
      }

      const timer = setTimeout(() => {
        const place = waiting.indexOf(pending);
        if (place !== -1) {
          waiting.splice(place, 1);
          reject(versionConflict(update, cause));
        }
      }, maxWait);
      const pending: PendingUpdate = {
        deadline,
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
        resolve: (document) => {
          clearTimeout(timer);
          resolve(document);
        },
        update,
      };
      waiting.push(pending);
      this.#statistics.laneReached(waiting.length);
    });
  }

  async #drain(key: string, lane: Lane): Promise<void> {
    lane.writing++;
    while (lane.waiting.length > 0) {
      await this.#scope.run(() => this.#serve(lane.waiting));
    }
    lane.writing--;
    if (lane.writing === 0) {
      this.#lanes.delete(key);
    }
  }
}

function keyOf({ _id, collection, index }: UpdateArguments): string {
  return `${index}/${collection}/${_id}`;
}
