import { AsyncLocalStorage } from "node:async_hooks";

import { pluginError } from "../errors";
import { errorCopy } from "../json";
import { documentKey, type Target } from "../kuzzle/collections";
import type { StoredDocument } from "../storage/readDocuments";
import { timedOut } from "./outcomes";

/** Limits of the queue of a document, from the configuration. */
export interface QueueLimits {
  /** Longest wait, in ms. */
  readonly maxWait: number;
  /** Longest queue, in updates, on this node. */
  readonly maxPending: number;
}

/** An update that nothing is computed for. */
export interface PlainUpdate {
  /** Identifier of the connection that it came by. */
  readonly connectionId: unknown;
  /** Whether a later one may reach storage before it, because it does not go straight into a batch. */
  readonly mayBeLate: boolean;
  /** Whether pipes may run while it is stored, which may make updates of their own. */
  readonly runsPipes: boolean;
  /** Whether its answer comes after a refresh, long after it is stored. */
  readonly waitsForRefresh: boolean;
}

/** Something that needs exclusive access to a document. */
export interface Job {
  /** Identifier of the connection that it came by. */
  readonly connectionId: unknown;
  /** Jobs of the same group run together. Without one, a job runs alone. */
  readonly group: string | undefined;
  /** Whether it may create the document. */
  readonly mayCreate?: boolean;
  /** Rejects it, in place of running it. */
  readonly reject: (error: Error) => void;
}

/** Exclusive access to a document: no other update of the plugin on this node writes it. */
export interface Turn {
  /** The document as the previous turn left it, if known. Other writers may have changed it since. */
  known: StoredDocument | undefined;
  /** Whether something that was begun during this turn, such as a pipe, has written the document. */
  isOvertaken: boolean;
  /** Tells whether others wait for this turn to end. */
  readonly isAwaited: () => boolean;
  /** Ends the turn before its function has returned, if the rest does not need exclusive access. */
  readonly end: () => void;
  /** Ends the turn in this many ms. @returns a function that takes that back */
  readonly endIn: (ms: number) => () => void;
  /**
   * Rejects the jobs that had arrived at a moment, by `performance.now()`, with copies of an error of the
   * document; not those that may create it.
   */
  readonly rejectWaiting: (error: unknown, arrivedBy: number) => void;
  /** Runs a function whose own updates, such as those of a pipe, go past the queues. */
  readonly within: <T>(run: () => T) => T;
}

/** Runs jobs of one group, in their order. Settles each of them, and never rejects. */
export type RunTogether<TJob extends Job> = (
  jobs: readonly TJob[],
  turn: Turn,
) => Promise<void>;

/** What is under way for a document: plain updates beside each other, or one group. */
interface Run {
  count: number;
  readonly isGroup: boolean;
  /** Connections of its plain updates, one of each, if these may be late. */
  readonly late: Set<unknown> | undefined;
  /** Time, by `performance.now()`, since when something may wait for it. */
  since: number;
}

interface Waiting {
  readonly arrivedAt: number;
  readonly connectionId: unknown;
  /** Undefined or `LATE` for a plain update; a symbol for a job that runs alone. */
  readonly group: string | symbol | undefined;
  readonly begin: (run: Run, together: readonly Waiting[]) => void;
  /** Undefined for a plain update, which begins in the end however long it has waited. */
  readonly job: Job | undefined;
  readonly reject: (error: Error) => void;
}

/** The queue of one document. It exists only while something is under way. */
interface Queue {
  readonly key: string;
  readonly target: Target;
  run: Run | undefined;
  known: StoredDocument | undefined;
  /** In order of arrival. */
  waiting: Waiting[];
  /** One for the whole queue: for the first that waits, and for what it waits for. */
  timer: NodeJS.Timeout | undefined;
}

/** A turn, in the asynchronous context of what runs in it. */
interface Inside {
  readonly key: string;
  readonly turn: Turn;
  /** The turn during which this one was begun. */
  readonly outer: Inside | undefined;
  isOver: boolean;
}

/** Group of the plain updates that may be late. */
const LATE = "late";
/** Most jobs that run together. */
const MAX_TOGETHER = 1_000;
/**
 * Lower limit for the longest wait, in ms. `maxWait: 0` means that conflicts are reported at once, but
 * waiting for a turn is not a conflict.
 */
const MIN_WAIT = 1_000;
/**
 * How long, in ms, what waits for a refresh or for Redis holds up those behind it: a refresh comes long
 * after an update is stored, and a Redis that hangs is not their trouble.
 */
export const BRIEF_TURN = 25;

/**
 * The queues of the documents that are being written on this node. They store updates and changes of a
 * document in the order in which they arrive, and keep conditional writes from conflicting.
 *
 * When nothing of a document is under way, the first that waits begins, and with it those behind it that
 * are of its group: plain updates beside each other (the batches beneath keep their order), or a group of
 * changes. Plain updates that may reach storage late run by themselves, one of each connection. Nothing
 * overtakes what came before it by the same connection. A plain update that nothing holds up begins at
 * once.
 *
 * What is begun inside a turn (by a pipe, or by the function of a change), for whatever document, goes
 * past the queues, since two turns could wait for each other (deadlock). It may conflict, as writes of
 * other nodes may.
 */
export class DocumentQueues {
  readonly #inside = new AsyncLocalStorage<Inside>();
  readonly #maxPending: number;
  readonly #maxWait: number;
  readonly #queues = new Map<string, Queue>();
  #longestEver = 0;

  constructor({ maxPending, maxWait }: QueueLimits) {
    this.#maxPending = maxPending;
    this.#maxWait = Math.max(maxWait, MIN_WAIT);
  }

  /** Number of documents that a group writes, or that something waits for. */
  get count(): number {
    let count = 0;
    for (const { run, waiting } of this.#queues.values()) {
      count += Number(run?.isGroup === true || waiting.length > 0);
    }

    return count;
  }

  /** Length of the longest queue. */
  get longest(): number {
    let longest = 0;
    for (const { waiting } of this.#queues.values()) {
      longest = Math.max(longest, waiting.length);
    }

    return longest;
  }

  /** Length of the longest queue since the node started. */
  get longestEver(): number {
    return this.#longestEver;
  }

  /**
   * Runs a plain update, after the groups that came before it. What comes after it begins when it is
   * stored.
   *
   * @param update is given a function to call as soon as the update is stored
   * @throws plugin.document-update.too_many_pending
   */
  async plain<T>(
    target: Target,
    { connectionId, mayBeLate, runsPipes, waitsForRefresh }: PlainUpdate,
    update: (onStored: () => void) => Promise<T>,
  ): Promise<T> {
    const key = documentKey(target);
    if (this.#around() !== undefined) {
      return this.#overtake(key, () => update(() => {}));
    }
    const queue = this.#queueOf(key, target);
    const run =
      this.#join(queue, connectionId, mayBeLate) ??
      (await this.#wait(queue, connectionId, mayBeLate));
    let isStored = false;
    const onStored = () => {
      if (!isStored) {
        isStored = true;
        run.late?.delete(connectionId);
        this.#leave(queue, run);
      }
    };
    const timer = waitsForRefresh
      ? setTimeout(onStored, BRIEF_TURN)
      : undefined;
    try {
      return await (runsPipes
        ? this.#enter(this.#newTurn(key).inside, () => update(onStored))
        : update(onStored));
    } finally {
      clearTimeout(timer);
      onStored();
    }
  }

  /**
   * Runs a job when nothing else of its document is under way, together with those that wait and are of
   * its group. It is rejected with plugin.document-update.too_many_pending if too many wait, and with
   * plugin.document-update.timed_out if it has waited too long.
   */
  together<TJob extends Job>(
    target: Target,
    job: TJob,
    runTogether: RunTogether<TJob>,
  ): void {
    const key = documentKey(target);
    if (this.#around() !== undefined) {
      void this.#overtake(key, () => {
        const { inside, turn } = this.#newTurn(key);
        return this.#enter(inside, () => runTogether([job], turn));
      });
      return;
    }
    const queue = this.#queueOf(key, target);
    const begin = (run: Run, together: readonly Waiting[]) => {
      const { inside, turn } = this.#newTurn(key, { queue, run });
      const jobs = together.map((each) => each.job as TJob);
      void this.#enter(inside, () => runTogether(jobs, turn)).finally(turn.end);
    };
    const { connectionId, group = Symbol("alone") } = job;
    const own: Waiting = {
      arrivedAt: performance.now(),
      begin,
      connectionId,
      group,
      job,
      reject: job.reject,
    };
    if (queue.run === undefined) {
      this.#begin(queue, [own]);
    } else {
      this.#push(queue, own);
    }
  }

  /** Must be called for each write that does not wait in these queues. */
  onForeignWrite(target: Target): void {
    for (const { turn } of this.#turnsOf(documentKey(target))) {
      turn.isOvertaken = true;
    }
  }

  #queueOf(key: string, target: Target): Queue {
    const known = this.#queues.get(key);
    if (known !== undefined) {
      return known;
    }
    const queue: Queue = {
      key,
      known: undefined,
      run: undefined,
      target,
      timer: undefined,
      waiting: [],
    };
    this.#queues.set(key, queue);

    return queue;
  }

  /** Joins the plain updates that are under way. @returns undefined if there is something to wait for */
  #join(
    queue: Queue,
    connectionId: unknown,
    mayBeLate: boolean,
  ): Run | undefined {
    queue.run ??= {
      count: 0,
      isGroup: false,
      late: mayBeLate ? new Set() : undefined,
      since: performance.now(),
    };
    const { isGroup, late } = queue.run;
    if (
      isGroup ||
      queue.waiting.length > 0 ||
      mayBeLate !== (late !== undefined) ||
      late?.has(connectionId)
    ) {
      return undefined;
    }
    late?.add(connectionId);
    queue.run.count++;

    return queue.run;
  }

  #wait(queue: Queue, connectionId: unknown, mayBeLate: boolean): Promise<Run> {
    return new Promise((resolve, reject) => {
      this.#push(queue, {
        arrivedAt: performance.now(),
        begin: resolve,
        connectionId,
        group: mayBeLate ? LATE : undefined,
        job: undefined,
        reject,
      });
    });
  }

  /** Adds to those that wait, unless they are too many. */
  #push(queue: Queue, own: Waiting): void {
    const { run, target, waiting } = queue;
    if (waiting.length >= this.#maxPending) {
      const { _id, collection, index } = target;
      const max = String(this.#maxPending);
      own.reject(pluginError("too_many_pending", index, collection, _id, max));
      return;
    }
    if (run && waiting.length === 0) {
      // However long plain updates have followed each other: nobody has waited for them.
      run.since = run.isGroup ? run.since : own.arrivedAt;
    }
    waiting.push(own);
    this.#longestEver = Math.max(this.#longestEver, waiting.length);
    this.#arm(queue);
  }

  /** Sets the timer of a queue, unless it is set. It may be early: what it was set for may have begun. */
  #arm(queue: Queue): void {
    const [first] = queue.waiting;
    if (first === undefined || queue.timer !== undefined) {
      return;
    }
    // What waits, waits for something that is under way.
    const since = Math.min(first.arrivedAt, queue.run!.since);
    queue.timer = setTimeout(
      () => {
        queue.timer = undefined;
        this.#endWaits(queue);
      },
      Math.ceil(since + this.#maxWait - performance.now()),
    );
  }

  /**
   * Ends the wait of those that have waited too long, and for what takes too long: the next begins. One
   * that has hardly any time left is refused instead: it could only wait for the same slow storage.
   */
  #endWaits(queue: Queue): void {
    const late = performance.now() - this.#maxWait;
    const { run } = queue;
    if (run && run.since <= late) {
      const isHardlyInTime = ({ arrivedAt }: Waiting) =>
        arrivedAt <= late + this.#maxWait / 10;
      for (
        let [first] = queue.waiting;
        first?.job && isHardlyInTime(first);
        [first] = queue.waiting
      ) {
        queue.waiting.shift();
        first.reject(timedOut(queue.target));
      }
      if (queue.waiting.length > 0) {
        this.#beginNext(queue);
      }
    }
    for (
      let [first] = queue.waiting;
      first && first.arrivedAt <= late;
      [first] = queue.waiting
    ) {
      queue.waiting.shift();
      if (first.job) {
        first.reject(timedOut(queue.target));
      } else {
        const run = { count: 1, isGroup: false, late: undefined };
        first.begin({ ...run, since: Infinity }, []);
      }
    }
    this.#arm(queue);
  }

  /** Ends a plain update, or a group. */
  #leave(queue: Queue, run: Run): void {
    run.count--;
    if (run.count === 0 && queue.run === run) {
      this.#beginNext(queue);
    }
  }

  /** Begins the first that waits, and those that run together with it, whatever else is under way. */
  #beginNext(queue: Queue): void {
    const taken = take(queue);
    if (taken[0] === undefined) {
      clearTimeout(queue.timer);
      queue.run = undefined;
      this.#queues.delete(queue.key);
    } else {
      this.#begin(queue, [taken[0], ...taken.slice(1)]);
    }
  }

  #begin(queue: Queue, taken: readonly [Waiting, ...Waiting[]]): void {
    const [first] = taken;
    const isGroup = first.job !== undefined;
    const run = {
      count: isGroup ? 1 : taken.length,
      isGroup,
      late:
        first.group === LATE
          ? new Set(taken.map(({ connectionId }) => connectionId))
          : undefined,
      since: performance.now(),
    };
    queue.run = run;
    if (isGroup) {
      first.begin(run, taken);
    } else {
      taken.forEach(({ begin }) => begin(run, []));
    }
  }

  /** @param own nothing for a turn that has not waited for others */
  #newTurn(
    key: string,
    own?: { readonly queue: Queue; readonly run: Run },
  ): { readonly inside: Inside; readonly turn: Turn } {
    let isOver = false;
    const end = () => {
      if (own && !isOver) {
        const { queue, run } = own;
        isOver = true;
        if (queue.run === run) {
          queue.known = turn.isOvertaken ? undefined : turn.known;
        }
        this.#leave(queue, run);
      }
      // What was opened during the turn, such as a connection, keeps a reference to it.
      turn.known = undefined;
    };
    const turn: Turn = {
      end,
      endIn: (ms) => {
        const timer = setTimeout(end, ms);
        return () => clearTimeout(timer);
      },
      isAwaited: () =>
        !isOver && own !== undefined && own.queue.waiting.length > 0,
      isOvertaken: false,
      known: own?.queue.known,
      rejectWaiting: (error, arrivedBy) => {
        if (own) {
          rejectWaiting(own.queue, error, arrivedBy);
        }
      },
      within: (begin) => this.#inside.run(inside, begin),
    };
    // A turn that has waited begins in the asynchronous context of the one before, which is not around it.
    const outer = own ? undefined : this.#around();
    const inside: Inside = { isOver: false, key, outer, turn };

    return { inside, turn };
  }

  async #enter<T>(inside: Inside, run: () => Promise<T>): Promise<T> {
    try {
      return await this.#inside.run(inside, run);
    } finally {
      inside.isOver = true;
    }
  }

  /** Runs a write during a turn, which may be a turn of the same document. */
  async #overtake<T>(key: string, write: () => Promise<T>): Promise<T> {
    const overtaken = this.#turnsOf(key);
    const written = await write();
    for (const { turn } of overtaken) {
      turn.isOvertaken = true;
    }

    return written;
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
  #turnsOf(key: string): readonly Inside[] {
    const turns = [];
    for (let inside = this.#around(); inside; inside = inside.outer) {
      if (inside.key === key) {
        turns.push(inside);
      }
    }

    return turns;
  }
}

/** Takes the first from a queue, and those behind it that run together with it. */
function take(queue: Queue): readonly Waiting[] {
  const [first] = queue.waiting;
  if (first === undefined || typeof first.group === "symbol") {
    return queue.waiting.splice(0, 1);
  }
  const most = first.job ? MAX_TOGETHER : Infinity;
  const taken: Waiting[] = [];
  const left: Waiting[] = [];
  // Connections with something that stays: nothing of theirs may overtake it.
  const held = new Set<unknown>();
  for (const each of queue.waiting) {
    const { connectionId, group } = each;
    if (
      group === first.group &&
      !held.has(connectionId) &&
      taken.length < most
    ) {
      taken.push(each);
      if (group === LATE) {
        held.add(connectionId);
      }
    } else {
      held.add(connectionId);
      left.push(each);
    }
  }
  queue.waiting = left;

  return taken;
}

function rejectWaiting(queue: Queue, error: unknown, arrivedBy: number): void {
  queue.waiting = queue.waiting.filter(({ arrivedAt, job }) => {
    if (!job || job.mayCreate || arrivedAt > arrivedBy) {
      return true;
    }
    job.reject(errorCopy(error) as Error);
    return false;
  });
}
