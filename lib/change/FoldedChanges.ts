import { AsyncResource } from "node:async_hooks";

import { errorCopy } from "../errorCopy";
import { MAX_SIZE } from "../write/fold";
import type { Target } from "../write/UpdateArguments";
import { versionConflict } from "../write/versionConflict";
import type { Change, ChangedDocument } from "./Change";
import type { Ended } from "./ChangeAttempt";
import type { Member } from "./decide";
import { documentKey } from "./documentKey";
import type { Turn, Turns } from "./Turns";

/** A queued change, with the promise of the client that waits for it. */
interface Waiting {
  readonly change: Change;
  /** Asynchronous context of the request, in which its pipes are run. */
  readonly context: AsyncResource;
  /** Time, by `performance.now()`, after which it is not stored. */
  readonly deadline: number;
  /** Whether it is being stored, or has been stored. */
  isTaken: boolean;
  readonly resolve: (answer: ChangedDocument) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Stores the first of several changes, together with those after it that fit into the same write.
 *
 * @returns the outcome of each change that was tried, always of the first; those without an outcome are
 * to be tried again
 */
export type Store = (
  target: Target,
  members: readonly Member[],
  turn: Turn,
) => Promise<readonly (Ended | undefined)[]>;

/**
 * Queues changes of one document, and stores all of a queue with as few writes as possible when the
 * first of them has its turn. A queue holds changes with the same `foldedWith`.
 */
export class FoldedChanges {
  readonly #store: Store;
  readonly #turns: Turns;
  /** Queues by key, each in order of arrival. Empty queues are deleted. */
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(turns: Turns, store: Store) {
    this.#store = store;
    this.#turns = turns;
  }

  /**
   * @throws plugin.document-update.too_many_pending, plugin.document-update.version_conflict; the error
   * of the change itself
   */
  write(
    target: Target,
    change: Change,
    foldedWith: string,
  ): Promise<ChangedDocument> {
    const key = JSON.stringify([documentKey(target), foldedWith]);

    return new Promise((resolve, reject) => {
      const own: Waiting = {
        change,
        context: new AsyncResource("document-update"),
        deadline: performance.now() + this.#turns.maxWait,
        isTaken: false,
        reject,
        resolve,
      };
      const waiting = this.#waiting.get(key) ?? [];
      waiting.push(own);
      this.#waiting.set(key, waiting);
      this.#turns
        .alone(target, async (turn) => {
          if (!own.isTaken) {
            await this.#storeAll(target, this.#take(key), turn);
          }
        })
        .catch((error: Error) => {
          // Its own turn has failed, but another change's turn may already be storing it.
          if (!own.isTaken) {
            this.#remove(key, own);
            reject(error);
          }
        });
    });
  }

  #take(key: string): readonly Waiting[] {
    const waiting = this.#waiting.get(key)!;
    const taken = waiting.splice(0, MAX_SIZE);
    taken.forEach((each) => (each.isTaken = true));
    if (waiting.length === 0) {
      this.#waiting.delete(key);
    }

    return taken;
  }

  #remove(key: string, gone: Waiting): void {
    const left = this.#waiting.get(key)!.filter((each) => each !== gone);
    if (left.length > 0) {
      this.#waiting.set(key, left);
    } else {
      this.#waiting.delete(key);
    }
  }

  async #storeAll(
    target: Target,
    taken: readonly Waiting[],
    turn: Turn,
  ): Promise<void> {
    let left = taken;
    try {
      while (left.length > 0) {
        const members = left.map(({ change, context }) => ({
          change,
          within: <T>(compute: () => T) =>
            context.runInAsyncScope(() => turn.within(compute)),
        }));
        const ended = await this.#store(target, members, turn);
        left = left.filter((each, place) => !isSettled(each, ended[place]));
        left = left.filter((each) => !isLate(each, target));
      }
    } catch (error) {
      left.forEach(({ reject }) => reject(errorCopy(error) as Error));
    }
  }
}

/** Settles a change with its outcome. @returns false if it has none */
function isSettled(
  { reject, resolve }: Waiting,
  ended: Ended | undefined,
): boolean {
  if (ended === undefined) {
    return false;
  }
  if ("error" in ended) {
    reject(ended.error as Error);
  } else {
    resolve(ended.answer);
  }

  return true;
}

/** Rejects a change that has waited too long. @returns false if it has not */
function isLate({ deadline, reject }: Waiting, target: Target): boolean {
  if (performance.now() < deadline) {
    return false;
  }
  reject(versionConflict(target, undefined));

  return true;
}
