import { AsyncLocalStorage } from "node:async_hooks";

import { pluginError } from "../errors";
import type { StoredDocument } from "../storage/StoredDocument";
import type { QueueLimits } from "../write/QueueLimits";
import type { Target } from "../write/UpdateArguments";
import { versionConflict } from "../write/versionConflict";
import { documentKey, storageKey } from "./documentKey";

/** Exclusive access of one write to a document: no other update of the plugin on this node writes it. */
export interface Turn {
  /** The document as the previous turn left it, if known. Other writers may have changed it since. */
  known: StoredDocument | undefined;
  /** Whether a write that was made during this turn, for instance by a pipe, has changed the document. */
  isOvertaken: boolean;
  /** Tells whether other writes wait for this turn to end. */
  isAwaited: () => boolean;
  /** Ends the turn before its function has returned, if the rest does not need exclusive access. */
  end: () => void;
  /** Runs a function in the asynchronous context of this turn. */
  readonly within: <T>(run: () => T) => T;
}

/** A turn, as its asynchronous context holds it. */
interface Inside {
  readonly key: string;
  readonly turn: Turn;
  /** The turn during which this one was begun. */
  readonly outer: Inside | undefined;
  isOver: boolean;
}

interface Waiting {
  readonly isAlone: boolean;
  readonly begin: () => void;
}

/** The turns of one document. It exists only while there are any. */
interface Queue {
  /** Number of writes under way: one alone, or several that share a turn. */
  active: number;
  isAlone: boolean;
  known: StoredDocument | undefined;
  /** Writes that wait for their turn, in order of arrival. */
  waiting: Waiting[];
}

/**
 * Lower limit for the longest wait for a turn, in ms. `maxWait: 0` means that conflicts are reported at
 * once, but waiting for a turn is not a conflict.
 */
const MIN_WAIT = 1_000;

/**
 * Makes the conditional writes of a document wait for each other (mutual exclusion), so that they do not
 * conflict. Unconditional writes share a turn: they only wait for conditional ones.
 *
 * A write that is made during a turn, for instance by a pipe, does not wait, because two turns could
 * wait for each other (deadlock). It may conflict, as writes of other nodes may.
 */
export class Turns {
  readonly #inside = new AsyncLocalStorage<Inside>();
  /** Longest wait for a turn, in ms. */
  readonly maxWait: number;
  readonly #maxPending: number;
  readonly #queues = new Map<string, Queue>();

  constructor({ maxPending, maxWait }: QueueLimits) {
    this.#maxPending = maxPending;
    this.maxWait = Math.max(maxWait, MIN_WAIT);
  }

  /** Number of documents that are being written. */
  get count(): number {
    return this.#queues.size;
  }

  /**
   * Runs a write when no other write of its document is under way.
   *
   * @throws plugin.document-update.too_many_pending, plugin.document-update.version_conflict
   */
  async alone<T>(
    target: Target,
    write: (turn: Turn) => Promise<T>,
  ): Promise<T> {
    const key = documentKey(target);
    if (this.#around() !== undefined) {
      return this.#overtake(key, () =>
        this.#enter(this.#newInside(key), write),
      );
    }
    const queue = this.#queues.get(key) ?? this.#newQueue(key);
    if (!(await this.#wait(queue, target, true))) {
      throw versionConflict(target, undefined);
    }

    return this.#hold(this.#newInside(key, queue.known), queue, write);
  }

  /**
   * Runs a write when no exclusive write of its document is under way; other shared writes may be. After
   * `maxWait` it runs without a turn, because it does not need exclusive access.
   *
   * @throws plugin.document-update.too_many_pending
   */
  async shared<T>(target: Target, write: () => Promise<T>): Promise<T> {
    if (this.#queues.size === 0) {
      return write();
    }
    const key = documentKey(target);
    if (this.#around() !== undefined) {
      return this.#overtake(key, write);
    }
    const queue = this.#queues.get(key);
    if (queue === undefined || !(await this.#wait(queue, target, false))) {
      return write();
    }

    return this.#hold(this.#newInside(key), queue, write);
  }

  /** Must be called for each write that does not go through the plugin. */
  onForeignWrite(alias: unknown, id: unknown): void {
    if (this.#around() !== undefined) {
      markOvertaken(this.#turnsOf(storageKey(String(alias), String(id))));
    }
  }

  /** Returns the turn during which this is called. */
  #around(): Inside | undefined {
    let inside = this.#inside.getStore();
    while (inside?.isOver) {
      inside = inside.outer;
    }

    return inside;
  }

  /** Returns the turns of a document during which this is called. */
  #turnsOf(key: string): readonly Turn[] {
    const turns = [];
    for (let inside = this.#around(); inside; inside = inside.outer) {
      if (inside.key === key) {
        turns.push(inside.turn);
      }
    }

    return turns;
  }

  /** Runs a write during a turn, which may be a turn of the same document. */
  async #overtake<T>(key: string, write: () => Promise<T>): Promise<T> {
    const overtaken = this.#turnsOf(key);
    const written = await write();
    markOvertaken(overtaken);

    return written;
  }

  /**
   * Runs a write in a turn, which ends with it. If it takes longer than other writes would wait, for
   * instance because a pipe never returns, the turn ends before it. The write may then conflict with the
   * next one, but nothing worse.
   */
  async #hold<T>(
    inside: Inside,
    queue: Queue,
    write: (turn: Turn) => Promise<T>,
  ): Promise<T> {
    const { key, turn } = inside;
    let isOver = false;
    const end = () => {
      if (!isOver) {
        isOver = true;
        clearTimeout(timer);
        queue.known = turn.isOvertaken ? undefined : turn.known;
        this.#end(key, queue);
      }
    };
    const timer = setTimeout(end, this.maxWait);
    turn.end = end;
    turn.isAwaited = () => queue.waiting.length > 0;
    try {
      return await this.#enter(inside, write);
    } finally {
      end();
      // Anything that was opened during the turn, such as a connection, keeps a reference to the turn.
      turn.known = undefined;
    }
  }

  async #enter<T>(
    inside: Inside,
    write: (turn: Turn) => Promise<T>,
  ): Promise<T> {
    const { turn } = inside;
    try {
      return await turn.within(() => write(turn));
    } finally {
      inside.isOver = true;
    }
  }

  #newInside(key: string, known?: StoredDocument): Inside {
    const turn: Turn = {
      end: () => {},
      isAwaited: () => false,
      isOvertaken: false,
      known,
      within: (run) => this.#inside.run(inside, run),
    };
    const inside = { isOver: false, key, outer: this.#around(), turn };

    return inside;
  }

  #newQueue(key: string): Queue {
    const queue = { active: 0, isAlone: true, known: undefined, waiting: [] };
    this.#queues.set(key, queue);

    return queue;
  }

  /** Waits for a turn. @returns false after the longest wait */
  async #wait(
    queue: Queue,
    target: Target,
    isAlone: boolean,
  ): Promise<boolean> {
    const isFree =
      queue.waiting.length === 0 &&
      (queue.active === 0 || !(isAlone || queue.isAlone));
    if (isFree) {
      queue.isAlone = isAlone;
      queue.active++;
      return true;
    }
    if (queue.waiting.length >= this.#maxPending) {
      const { _id, collection, index } = target;
      const max = String(this.#maxPending);
      throw pluginError("too_many_pending", index, collection, _id, max);
    }

    return new Promise((resolve) => {
      const waiting = {
        begin: () => {
          clearTimeout(timer);
          resolve(true);
        },
        isAlone,
      };
      const timer = setTimeout(() => {
        queue.waiting = queue.waiting.filter((each) => each !== waiting);
        resolve(false);
      }, this.maxWait);
      queue.waiting.push(waiting);
    });
  }

  /** Begins the turn of the next write, or of all next writes that can share one. */
  #end(key: string, queue: Queue): void {
    queue.active--;
    if (queue.active > 0) {
      return;
    }
    const [first] = queue.waiting;
    if (first === undefined) {
      this.#queues.delete(key);
      return;
    }
    const end = first.isAlone
      ? 1
      : queue.waiting.findIndex(({ isAlone }) => isAlone);
    const next = queue.waiting.splice(0, end === -1 ? Infinity : end);
    queue.isAlone = first.isAlone;
    queue.active = next.length;
    next.forEach(({ begin }) => begin());
  }
}

function markOvertaken(turns: readonly Turn[]): void {
  for (const turn of turns) {
    turn.isOvertaken = true;
  }
}
