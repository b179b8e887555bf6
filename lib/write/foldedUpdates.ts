import { AsyncResource } from "node:async_hooks";

import { errorCopy } from "../json";
import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import type { DocumentQueues, Job, Turn } from "./DocumentQueues";
import type {
  Delegate,
  UpdateArguments,
  UpdatedDocument,
  Write,
} from "./delegateUpdate";
import { answerTo, foldableCount, foldGroup, foldUpdates } from "./fold";
import {
  isOfDocument,
  isRefusal,
  isVersionConflict,
  timedOut,
  tooLate,
} from "./outcomes";
import { writeUntilStored } from "./plainUpdates";

/** An update that waits to be folded. */
interface Pending extends Job {
  /** Asynchronous context of the update, in which its write is run and logged. */
  readonly context: AsyncResource;
  /** Time, by `performance.now()`, after which it is not sent again. */
  readonly deadline: number;
  /** How much of its time was left, in ms, when it was first sent. */
  left?: number;
  readonly resolve: (document: UpdatedDocument) => void;
  readonly update: UpdateArguments;
}

/** What updates are folded with. */
export interface Folding {
  readonly maxWait: number;
  readonly queues: DocumentQueues;
  readonly statistics: UpdateStatistics;
  /** Stores an update by one call of the embedded SDK. */
  readonly write: Delegate["write"];
}

/**
 * Makes the function that stores the updates of folded collections: those that wait for the same
 * document are stored as one where possible.
 */
export function foldedUpdates(folding: Folding): Write {
  const { maxWait, queues } = folding;

  return (update) =>
    new Promise((resolve, reject) => {
      const group = foldGroup(update);
      const pending: Pending = {
        connectionId: update.context.connection.id,
        context: new AsyncResource("document-update"),
        deadline: performance.now() + maxWait,
        group: group && `fold ${group}`,
        reject,
        resolve,
        update,
      };
      queues.together(update, pending, async (all, turn) => {
        try {
          await storeAll(folding, all, turn);
        } catch (error) {
          // Only after a bug in the plugin: no client waits for ever.
          rejectAll(all, error);
        }
      });
    });
}

/**
 * Stores updates of one document in their order, with as few writes as possible. If storage refuses what
 * several of them amount to, each half is tried by itself, and so on, so that in the end each succeeds or
 * fails on its own. An error of the document itself is that of all, and of those that wait behind them.
 */
async function storeAll(
  folding: Folding,
  all: readonly Pending[],
  turn: Turn,
): Promise<void> {
  const left = [all];
  for (let next = left.shift(); next; next = left.shift()) {
    const count = foldableCount(next.map(({ update }) => update));
    const taken = next.slice(0, count);
    if (count < next.length) {
      left.unshift(next.slice(count));
    }
    const begun = performance.now();
    const onStored = left.length === 0 ? turn.end : undefined;
    const error = await store(folding, taken, turn, onStored);
    if (error === undefined) {
      continue;
    }
    if (isOfDocument(error)) {
      turn.rejectWaiting(error, begun);
      rejectAll([...taken, ...left.flat()], error);
      return;
    }
    const first = taken[0]!;
    const { cause } = error as Error;
    if (isVersionConflict(cause, first.update)) {
      // It was sent again for as long as there was time: none is left to try each by itself.
      rejectAll(
        taken,
        tooLate(first.update, first.left!, folding.maxWait, cause),
      );
      continue;
    }
    if (count === 1 || !isRefusal(error)) {
      rejectAll(taken, error);
      continue;
    }
    const middle = Math.ceil(count / 2);
    left.unshift(taken.slice(0, middle), taken.slice(middle));
  }
}

/**
 * Stores several updates as one, and resolves them.
 *
 * @param onStored called once they are stored, before Kuzzle notifies and answers
 * @returns the error if that failed. If it is not known whether they were stored, nothing is sent again
 */
async function store(
  { statistics, write }: Folding,
  taken: readonly Pending[],
  turn: Turn,
  onStored: (() => void) | undefined,
): Promise<unknown> {
  const { context, update: last } = taken.at(-1)!;
  const left = taken[0]!.deadline - performance.now();
  if (left <= 0) {
    // Later ones may have been stored meanwhile.
    return timedOut(last);
  }
  for (const pending of taken) {
    pending.left ??= pending.deadline - performance.now();
  }
  try {
    const update = foldUpdates(taken.map((each) => each.update));
    const document = await context.runInAsyncScope(() =>
      // What pipes on its notification update goes past the queues.
      turn.within(() =>
        writeUntilStored(
          () => write(update, onStored),
          update,
          left,
          statistics,
        ),
      ),
    );
    if (taken.length > 1) {
      statistics.folds.record(taken.length);
    }
    for (const { resolve, update: own } of taken) {
      resolve(taken.length > 1 ? answerTo(document, own) : document);
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

function rejectAll(pending: readonly Pending[], error: unknown): void {
  pending.forEach(({ reject }) => reject(errorCopy(error) as Error));
}
