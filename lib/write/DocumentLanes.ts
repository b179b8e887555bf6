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

/**
 * Has the updates of a document written one after another on this node, those of different
 * documents at once. A lane is there while its document is written, and no longer.
 */
export class DocumentLanes {
  readonly #lanes = new Map<string, Waiting>();
  readonly #limits: LaneLimits;
  readonly #scope: WriteScope;
  readonly #serve: ServeWaiting;
  readonly #statistics: UpdateStatistics;

  constructor(
    limits: LaneLimits,
    scope: WriteScope,
    statistics: UpdateStatistics,
    serve: ServeWaiting,
  ) {
    this.#limits = limits;
    this.#scope = scope;
    this.#serve = serve;
    this.#statistics = statistics;
  }

  /** How many documents are being written in a lane. */
  get count(): number {
    return this.#lanes.size;
  }

  /** How many updates wait for the document that most wait for. */
  get longest(): number {
    let longest = 0;
    for (const { length } of this.#lanes.values()) {
      longest = Math.max(longest, length);
    }

    return longest;
  }

  /**
   * Writes an update when its turn has come.
   *
   * @param cause why it could not be stored at once
   * @throws plugin.document-update.too_many_pending, plugin.document-update.version_conflict
   */
  write(update: UpdateArguments, cause?: unknown): Promise<UpdatedDocument> {
    const { maxPending, maxWait } = this.#limits;
    const key = `${update.index}/${update.collection}/${update._id}`;
    const waiting = this.#lanes.get(key);

    return new Promise((resolve, reject) => {
      const deadline = performance.now() + maxWait;
      if (waiting === undefined) {
        const lane = [{ deadline, reject, resolve, update }];
        this.#lanes.set(key, lane);
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

  async #drain(key: string, waiting: Waiting): Promise<void> {
    while (waiting.length > 0) {
      await this.#scope.run(() => this.#serve(waiting));
    }
    this.#lanes.delete(key);
  }
}
