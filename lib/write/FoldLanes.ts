import { AsyncResource } from "node:async_hooks";

import { errorCopy } from "../errorCopy";
import { pluginError } from "../errors";
import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import { answerTo } from "./answerTo";
import { foldUpdates, takeFoldable } from "./fold";
import type { FoldRules } from "./foldRules";
import { isRefusal } from "./isRefusal";
import type { QueueLimits } from "./QueueLimits";
import type { UpdateArguments, UpdatedDocument } from "./UpdateArguments";
import { versionConflict } from "./versionConflict";

/** A queued update, with the promise of the client that waits for it. */
interface Pending {
  readonly update: UpdateArguments;
  /** Asynchronous context of the update, in which its write is run and logged. */
  readonly context: AsyncResource;
  /** Time, by `performance.now()`, after which it is not retried. */
  readonly deadline: number;
  readonly resolve: (document: UpdatedDocument) => void;
  readonly reject: (error: Error) => void;
}

export type WriteWithin = (
  update: UpdateArguments,
  maxWait: number,
) => Promise<UpdatedDocument>;

interface Lane {
  /** Queue, in order of arrival. */
  waiting: Pending[];
}

/**
 * Queues the updates of each document while an earlier one is being written, then stores the queue as
 * one update where possible (fold). A lane is such a queue; it exists only while its document is being
 * written.
 */
export class FoldLanes {
  readonly #rules: FoldRules;
  readonly #lanes = new Map<string, Lane>();
  readonly #limits: QueueLimits;
  readonly #statistics: UpdateStatistics;
  readonly #write: WriteWithin;

  /** @param write stores an update; its second argument is how long it may retry, in ms */
  constructor(
    write: WriteWithin,
    rules: FoldRules,
    limits: QueueLimits,
    statistics: UpdateStatistics,
  ) {
    this.#rules = rules;
    this.#limits = limits;
    this.#statistics = statistics;
    this.#write = write;
  }

  /** Number of documents that are being written. */
  get count(): number {
    return this.#lanes.size;
  }

  /** Length of the longest queue. */
  get longest(): number {
    let longest = 0;
    for (const { waiting } of this.#lanes.values()) {
      longest = Math.max(longest, waiting.length);
    }

    return longest;
  }

  /**
   * Queues an update, and stores it when its turn has come.
   *
   * @throws plugin.document-update.too_many_pending, plugin.document-update.version_conflict
   */
  write(update: UpdateArguments): Promise<UpdatedDocument> {
    const { maxPending, maxWait } = this.#limits;
    const { _id, collection, index } = update;
    const key = JSON.stringify([index, collection, _id]);
    const lane = this.#lanes.get(key);
    if (lane && lane.waiting.length >= maxPending) {
      const target = [index, collection, _id];
      return Promise.reject(
        pluginError("too_many_pending", ...target, String(maxPending)),
      );
    }

    return new Promise((resolve, reject) => {
      const deadline = performance.now() + maxWait;
      const timer = setTimeout(() => this.#giveUp(key, pending), maxWait);
      const pending: Pending = {
        context: new AsyncResource("document-update"),
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
      if (lane) {
        lane.waiting.push(pending);
        this.#statistics.laneReached(lane.waiting.length);
        return;
      }
      const own: Lane = { waiting: [pending] };
      this.#lanes.set(key, own);
      void this.#drain(key, own);
    });
  }

  /** Rejects an update that is still in its queue. */
  #giveUp(key: string, pending: Pending): void {
    const lane = this.#lanes.get(key);
    if (lane?.waiting.includes(pending)) {
      remove(lane, [pending]);
      pending.reject(versionConflict(pending.update, undefined));
    }
  }

  async #drain(key: string, lane: Lane): Promise<void> {
    for (let [first] = lane.waiting; first; [first] = lane.waiting) {
      let taken: readonly Pending[] = [first];
      try {
        taken = takeFoldable(lane.waiting, this.#rules);
        remove(lane, taken);
        await this.#store(taken);
      } catch (error) {
        // Only after a bug in the plugin: reject these updates so that no client waits forever, and go
        // on.
        remove(lane, taken);
        taken.forEach(({ reject }) => reject(error as Error));
      }
    }
    this.#lanes.delete(key);
  }

  /**
   * Stores several updates as one. If storage refuses it, each half is tried by itself, and so on, so
   * that in the end each update succeeds or fails on its own. Updates for which there is no time left
   * fail with a version conflict. If it is not known whether the update was stored, nothing is sent
   * again.
   */
  async #store(taken: readonly Pending[]): Promise<void> {
    const { deadline } = taken[0]!;
    const { context, reject, resolve } = taken.at(-1)!;
    const update = foldUpdates(taken.map((pending) => pending.update));
    const left = deadline - performance.now();
    const written = context.runInAsyncScope(() => this.#write(update, left));
    if (taken.length === 1) {
      return written.then(resolve, reject);
    }

    try {
      const document = await written;
      this.#statistics.folds.record(taken.length);
      for (const pending of taken) {
        pending.resolve(answerTo(document, pending.update));
      }
    } catch (error) {
      if (!isRefusal(error)) {
        taken.forEach(({ reject }) => reject(errorCopy(error) as Error));
        return;
      }
      if (performance.now() >= deadline) {
        for (const pending of taken) {
          pending.reject(versionConflict(pending.update, undefined));
        }
        return;
      }
      const middle = Math.ceil(taken.length / 2);
      await this.#store(taken.slice(0, middle));
      await this.#store(taken.slice(middle));
    }
  }
}

function remove(lane: Lane, gone: readonly Pending[]): void {
  const set = new Set(gone);
  lane.waiting = lane.waiting.filter((pending) => !set.has(pending));
}
