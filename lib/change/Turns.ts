import { AsyncLocalStorage } from "node:async_hooks";

import { pluginError } from "../errors";
import { aliasOf } from "../kuzzle/alias";
import type { StoredDocument } from "../storage/StoredDocument";
import type { Target } from "../write/UpdateArguments";
import { versionConflict } from "../write/versionConflict";

/** What one writer has alone: nobody else on this node writes the document through the plugin. */
export interface Turn {
  /** The document as the writer before left it, if that is known; others may have written it since. */
  known: StoredDocument | undefined;
  /** Whether something in the course of this turn, such as a pipe, has written the document. */
  isOvertaken: boolean;
  /** Whether others wait for it to end. */
  isAwaited: () => boolean;
  /** Lets the next one begin: what is still to be done needs the document no more. */
  end: () => void;
  /** Runs something in the course of this turn, wherever it is called. */
  readonly within: <T>(run: () => T) => T;
}

/** A turn, for what runs in its course. */
interface Inside {
  readonly key: string;
  readonly turn: Turn;
  /** The turn in whose course it was taken. */
  readonly outer: Inside | undefined;
  isOver: boolean;
}

interface Waiting {
  readonly isAlone: boolean;
  readonly begin: () => void;
}

/** The writers of one document. It is there while there are any. */
interface Queue {
  /** Those that write: one alone, or some that share a turn. */
  active: number;
  isAlone: boolean;
  known: StoredDocument | undefined;
  /** In order of arrival. */
  waiting: Waiting[];
}

/**
 * Least time for which a turn is waited for, in ms: that others have theirs is no conflict, of which
 * `maxWait: 0` wants to be told at once.
 */
const MIN_WAIT = 1_000;

/**
 * Has the conditional writes of a document take turns, lest they conflict with each other. Plain ones
 * share a turn, and only wait behind conditional ones.
 *
 * What is written in the course of a turn, such as by a pipe, waits for nobody's: two turns could wait
 * for each other. Such a write may conflict, as with writers of other nodes.
 */
export class Turns {
  readonly #inside = new AsyncLocalStorage<Inside>();
  readonly #maxPending: number;
  readonly #maxWait: number;
  readonly #queues = new Map<string, Queue>();

  /** In updates of a document, and in ms. */
  constructor({
    maxPending,
    maxWait,
  }: {
    readonly maxPending: number;
    readonly maxWait: number;
  }) {
    this.#maxPending = maxPending;
    this.#maxWait = Math.max(maxWait, MIN_WAIT);
  }

  /** How many documents have writers that take turns. */
  get count(): number {
    return this.#queues.size;
  }

  /**
   * Writes a document alone.
   *
   * @throws plugin.document-update.too_many_pending, plugin.document-update.version_conflict
   */
  async alone<T>(
    target: Target,
    write: (turn: Turn) => Promise<T>,
  ): Promise<T> {
    const key = keyOf(target);
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
   * Writes a document beside others that need it no more alone than this one. It has waited for those
   * that do long enough after `maxWait`: then it is written all the same, as it needs no turn.
   *
   * @throws plugin.document-update.too_many_pending
   */
  async shared<T>(target: Target, write: () => Promise<T>): Promise<T> {
    if (this.#queues.size === 0) {
      return write();
    }
    const key = keyOf(target);
    if (this.#around() !== undefined) {
      return this.#overtake(key, write);
    }
    const queue = this.#queues.get(key);
    if (queue === undefined || !(await this.#wait(queue, target, false))) {
      return write();
    }

    return this.#hold(this.#newInside(key), queue, write);
  }

  /** Told of a write that storage is asked for past the plugin. */
  onForeignWrite(alias: unknown, id: unknown): void {
    if (this.#around() !== undefined) {
      markOvertaken(this.#turnsOf(`${String(alias)}/${String(id)}`));
    }
  }

  /** The turn in whose course this runs. */
  #around(): Inside | undefined {
    let inside = this.#inside.getStore();
    while (inside?.isOver) {
      inside = inside.outer;
    }

    return inside;
  }

  /** The turns of a document in whose course this runs. */
  #turnsOf(key: string): readonly Turn[] {
    const turns = [];
    for (let inside = this.#around(); inside; inside = inside.outer) {
      if (inside.key === key) {
        turns.push(inside.turn);
      }
    }

    return turns;
  }

  /** Writes a document in the course of a turn, which may be one of the same document. */
  async #overtake<T>(key: string, write: () => Promise<T>): Promise<T> {
    const overtaken = this.#turnsOf(key);
    const written = await write();
    markOvertaken(overtaken);

    return written;
  }

  /**
   * Writes a document in a turn, which ends with the write; or, where that takes longer than others
   * would wait, such as for a pipe that never ends, before it. Then the two may conflict, no more.
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
    const timer = setTimeout(end, this.#maxWait);
    turn.end = end;
    turn.isAwaited = () => queue.waiting.length > 0;
    try {
      return await this.#enter(inside, write);
    } finally {
      end();
      // Whatever was opened in its course, such as a connection, holds on to the turn.
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

  /** Waits for a turn, and tells whether there is one. */
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
      }, this.#maxWait);
      queue.waiting.push(waiting);
    });
  }

  /** Lets the next one have its turn, or all of those that can share one. */
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

/** By the names that storage has. */
function keyOf({ _id, collection, index }: Target): string {
  return `${aliasOf(index, collection)}/${_id}`;
}

function markOvertaken(turns: readonly Turn[]): void {
  for (const turn of turns) {
    turn.isOvertaken = true;
  }
}
