import { AsyncResource } from "node:async_hooks";
import { setTimeout as pause } from "node:timers/promises";

import type { JSONObject } from "kuzzle";

import { errorCopy } from "../json";
import type { Target } from "../kuzzle/collections";
import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import type { Conditional } from "../storage/ConditionalWrite";
import {
  ABSENT,
  isAbsent,
  type StoredDocument,
} from "../storage/readDocuments";
import {
  BRIEF_TURN,
  type DocumentQueues,
  type Job,
  type Turn,
} from "../write/DocumentQueues";
import type {
  Delegate,
  UpdateArguments,
  UpdatedDocument,
} from "../write/delegateUpdate";
import {
  changedByPipe,
  isMissing,
  isOfDocument,
  isRefusal,
  isVersionConflict,
  timedOut,
  tooLate,
  versionConflict,
} from "../write/outcomes";
import { answerTo, foldUpdates } from "../write/fold";
import { RecentVersions } from "./RecentVersions";
import {
  type Change,
  type ChangedDocument,
  decide,
  type Decision,
  type Failed,
  type Member,
  type Slow,
} from "./decide";
import { mergeChanges, wholeDocument } from "./merge";

/** Reads a document. @throws the error of native `document:get` */
export type ReadDocument = (target: Target) => Promise<StoredDocument>;

/** What changes are written with. */
export interface ChangeTools {
  readonly delegate: Delegate;
  /** How long a change is retried after conflicts, in ms. */
  readonly maxWait: number;
  readonly queues: DocumentQueues;
  readonly read: ReadDocument;
  readonly statistics: UpdateStatistics;
}

/** A change that waits for its turn, or has it. */
interface Waiting extends Job, Member {
  /** Time, by `performance.now()`, after which it is not tried again. */
  readonly deadline: number;
  readonly resolve: (answer: ChangedDocument) => void;
}

/** What has been decided on the first of several changes, in their order. */
type Decided = readonly (Decision | Failed | Slow)[];

/** What came of a write. */
type Outcome =
  | {
      readonly kind: "stored";
      readonly answer: UpdatedDocument;
      /** As it was decided on the document that was replaced. */
      readonly decided: Decided;
    }
  /** Another writer has changed the document: nothing is stored, and all may be tried again. */
  | { readonly kind: "conflict"; readonly error: unknown }
  /** Nothing is stored. */
  | { readonly kind: "refused"; readonly error: unknown }
  /** It may be stored, or certainly is: nothing may be tried again. */
  | { readonly kind: "failed"; readonly error: unknown };

/** One attempt to store changes. */
interface Attempt {
  /** Time, by `performance.now()`, after which it is not tried again. */
  readonly deadline: number;
  readonly decided: Decided;
  /** Those that were decided on. */
  readonly members: readonly Waiting[];
  /** The current time for the changes, in ms since the epoch. */
  readonly now: number;
  readonly target: Target;
  readonly turn: Turn;
}

/** Longest pause before a change is tried again, in ms: short, because others may wait for its turn. */
const PAUSE = 10;

/**
 * Stores changes that depend on the stored document: in the document's turn, reads it, checks and
 * computes the changes, and writes them if the document has not changed since it was read. If it has,
 * all of that is repeated.
 */
export class ChangeWriter {
  readonly #recent = new RecentVersions();
  readonly #tools: ChangeTools;

  constructor(tools: ChangeTools) {
    this.#tools = tools;
  }

  /**
   * @throws plugin.document-update.version_conflict, plugin.document-update.timed_out,
   * plugin.document-update.too_many_pending, plugin.document-update.changed_by_pipe,
   * plugin.document-update.unset_refused; the errors of the change and of the delegate
   */
  write(target: Target, change: Change): Promise<ChangedDocument> {
    const context = new AsyncResource("document-update");

    return new Promise((resolve, reject) => {
      this.#enter(target, {
        change,
        connectionId: change.connectionId,
        deadline: performance.now() + this.#tools.maxWait,
        group:
          change.foldedWith === undefined
            ? undefined
            : `change ${change.foldedWith}`,
        mayCreate: change.default !== undefined,
        reject,
        resolve,
        within: (compute) => context.runInAsyncScope(compute),
      });
    });
  }

  #enter(target: Target, waiting: Waiting): void {
    this.#tools.queues.together(target, waiting, async (all, turn) => {
      const members = all.map((each) => ({
        ...each,
        change: holdingBriefly(each.change, turn),
        within: <T>(compute: () => T) =>
          each.within(() => turn.within(compute)),
      }));
      try {
        let left: readonly Waiting[] = members;
        while (left.length > 0) {
          left = await this.#store(target, left, turn);
        }
      } catch (error) {
        // Only after a bug in the plugin: no client waits for ever.
        rejectAll(members, error);
      }
    });
  }

  /**
   * Stores the first of several changes, together with those after it that fit into the same write, and
   * settles them.
   *
   * @returns those that are left
   */
  async #store(
    target: Target,
    all: readonly Waiting[],
    turn: Turn,
  ): Promise<readonly Waiting[]> {
    const { read, statistics } = this.#tools;
    const { deadline } = all[0]!;
    const leftAtFirst = deadline - performance.now();
    const now = Date.now();
    let known = turn.known ?? this.#recall(target, all);
    let count = all.length;
    let wasDeleted = false;
    for (;;) {
      const isSure = known === undefined;
      const begun = performance.now();
      turn.isOvertaken = false;
      turn.known = undefined;
      let current: StoredDocument;
      try {
        current = known ?? (await read(target));
        this.#recent.set(target, current);
      } catch (error) {
        const creator = isMissing(error)
          ? all.findIndex(({ mayCreate }) => mayCreate)
          : -1;
        if (creator === -1) {
          // No pipe has run: it is about this document, and so for all that had arrived.
          if (isOfDocument(error)) {
            turn.rejectWaiting(error, begun);
          }
          rejectAll(all, error);
          return [];
        }
        if (creator > 0) {
          rejectAll(all.slice(0, creator), error);
          return all.slice(creator);
        }
        current = { ...ABSENT, source: all[0]!.change.default! };
      }
      known = undefined;

      const decided = await decide(
        current,
        // The others change the document that the first creates.
        all.slice(0, isAbsent(current) ? 1 : count),
        { isUnderWay: false, now },
      );
      const members = all.slice(0, decided.length);
      const others = all.slice(decided.length);
      const written = decided.filter(isWritten);
      if (!isSure && written.length < decided.length) {
        // No error is decided on a document that may have changed since.
        continue;
      }
      if (written.length === 0) {
        this.#settle(target, members, decided);
        return others;
      }
      const attempt = { deadline, decided, members, now, target, turn };
      const outcome = await (isAbsent(current)
        ? this.#create(attempt, all.length === 1)
        : this.#write(attempt, all.length === 1));

      if (outcome.kind === "stored") {
        this.#settle(target, members, outcome.decided, outcome.answer);
        return others;
      }
      const { error, kind } = outcome;
      if (kind === "conflict") {
        statistics.conflicts++;
        const isLate = isSure && performance.now() >= deadline;
        if (turn.isOvertaken || isLate) {
          const { maxWait } = this.#tools;
          const reason = isLate
            ? tooLate(target, leftAtFirst, maxWait, error)
            : changedByPipe(target, error);
          rejectAll(members, reason);
          return others;
        }
        statistics.retries++;
        if (isSure) {
          await pause(Math.random() * PAUSE);
        }
      } else if (kind === "refused" && !isSure && !turn.isOvertaken) {
        // Perhaps because of what has changed since.
      } else if (!wasDeleted && kind === "refused" && isDeleted(error, all)) {
        // Since it was read: it is created now. A pipe may throw such errors for ever.
        wasDeleted = true;
      } else if (kind === "refused" && written.length > 1) {
        // Half of them, so that in the end each succeeds or fails on its own.
        count = Math.ceil(members.length / 2);
      } else {
        const again = this.#fail(target, members, decided, error);
        return [...again, ...others];
      }
    }
  }

  /** Creates the document of a change. */
  async #create(attempt: Attempt, endsTurn: boolean): Promise<Outcome> {
    const { decided, members, target, turn } = attempt;
    const [{ after, update }] = decided as readonly [Decision];
    let isStored = false;
    const onStored = () => {
      isStored = true;
      if (endsTurn) {
        turn.end();
      }
    };
    const stay = holdingUntilStored(turn, update);
    try {
      const created = await members[0]!
        .within(() => this.#tools.delegate.create(update, after, onStored))
        .finally(stay);
      return created
        ? { answer: answerTo(created, update), decided, kind: "stored" }
        : { error: versionConflict(target, undefined), kind: "conflict" };
    } catch (error) {
      const isRefused = !isStored && isRefusal(error);
      return { error, kind: isRefused ? "refused" : "failed" };
    }
  }

  /** Stores changes by one write. */
  async #write(attempt: Attempt, endsTurn: boolean): Promise<Outcome> {
    const { deadline, members, now, target, turn } = attempt;
    const { delegate, statistics } = this.#tools;
    let { decided } = attempt;
    let isStored = false;
    const again = async (
      current: StoredDocument,
    ): Promise<Conditional | undefined> => {
      if (turn.isOvertaken || performance.now() >= deadline) {
        return undefined;
      }
      const next = await decide(current, members, { isUnderWay: true, now });
      const isSame = decided.every((each, place) => {
        const other = next[place];
        return (
          other !== undefined &&
          "update" in each &&
          "update" in other &&
          each.isWritten === other.isWritten
        );
      });
      if (!isSame) {
        return undefined;
      }
      statistics.resent();
      decided = next;
      return { ...conditionalOf(next.filter(isWritten)), again };
    };

    const written = decided.filter(isWritten);
    const update = foldUpdates(written.map((each) => each.update));
    const { within } = members[decided.lastIndexOf(written.at(-1)!)]!;
    const stay = holdingUntilStored(turn, update);
    try {
      const answer = await within(() =>
        delegate.writeIf(update, {
          ...conditionalOf(written),
          again,
          onStored: (stored) => {
            isStored = true;
            this.#recent.set(target, stored?.version);
            turn.known =
              endsTurn && !turn.isAwaited() ? undefined : stored?.copy();
            if (endsTurn) {
              turn.end();
            }
          },
        }),
      ).finally(stay);
      if (written.length > 1) {
        statistics.folds.record(written.length);
      }
      return { answer, decided, kind: "stored" };
    } catch (error) {
      if (isStored || !isRefusal(error)) {
        const isConflict = !isStored && isVersionConflict(error, target);
        return { error, kind: isConflict ? "conflict" : "failed" };
      }
      return { error, kind: "refused" };
    }
  }

  /** @param answer to the write; undefined if nothing was written */
  #settle(
    target: Target,
    members: readonly Waiting[],
    decided: Decided,
    answer?: UpdatedDocument,
  ): void {
    const count = decided.filter(isWritten).length;
    for (const [place, member] of members.entries()) {
      const own = decided[place]!;
      if ("slow" in own) {
        this.#postpone(target, member, own.slow);
      } else if ("error" in own) {
        member.reject(own.error as Error);
      } else {
        // Not waited for: a dry run is processed by Kuzzle, and its pipes.
        void this.#answerOf(own, answer, count).then(
          member.resolve,
          member.reject,
        );
      }
    }
  }

  /**
   * Settles changes whose write has failed.
   *
   * @returns those that have to be decided again, since a change before them has failed
   */
  #fail(
    target: Target,
    members: readonly Waiting[],
    decided: Decided,
    error: unknown,
  ): readonly Waiting[] {
    const first = decided.findIndex(isWritten);
    this.#settle(target, members.slice(0, first), decided);
    rejectAll(
      members.filter((_, place) => isWritten(decided[place]!)),
      error,
    );

    return members.filter(
      (_, place) => place > first && !isWritten(decided[place]!),
    );
  }

  /** Has a change take a turn of its own, once its pipes have returned. */
  #postpone(target: Target, member: Waiting, slow: Promise<unknown>): void {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      member.reject(timedOut(target, "its pipes"));
    }, member.deadline - performance.now());
    void slow.then(() => {
      clearTimeout(timer);
      if (!isLate) {
        this.#enter(target, { ...member, group: undefined });
      }
    });
  }

  /** Makes the answer to a change. */
  async #answerOf(
    decision: Decision,
    stored: UpdatedDocument | undefined,
    count: number,
  ): Promise<ChangedDocument> {
    const { change, current, isWritten, steps, update, updatedFields } =
      decision;
    const answer =
      stored && count === 1 && isWritten
        ? stored
        : answerTo(await this.#documentOf(decision, stored), update);

    return {
      ...answer,
      ...(change.default && { created: isAbsent(current) }),
      ...(steps && { steps }),
      ...(change.tellsFields && { _updatedFields: updatedFields }),
    };
  }

  /** Returns the document after a change; before it, if nothing was written; or as a dry run predicts it. */
  async #documentOf(
    decision: Decision,
    stored: UpdatedDocument | undefined,
  ): Promise<UpdatedDocument> {
    const { after, change, current, isBehind, isLeft, isWritten, update } =
      decision;
    if (stored && (isWritten || isBehind)) {
      const { _kuzzle_info } = stored._source;
      const metadata = _kuzzle_info && { _kuzzle_info };
      return { ...stored, _source: { ...after, ...metadata } };
    }
    const _source =
      change.isDryRun && isLeft !== true
        ? await this.#dryRun(decision)
        : current.source;

    return { _id: update._id, _source, _version: current.version };
  }

  /** Returns the document as it would be stored. */
  async #dryRun(decision: Decision): Promise<JSONObject> {
    const { after, current, unset, update } = decision;
    if (isAbsent(current)) {
      const created = await this.#tools.delegate.create(update, after);
      return created!._source;
    }
    const changes = await this.#tools.delegate.dryRun(
      update,
      conditionalOf([decision]),
    );

    return unset.length > 0
      ? wholeDocument(current.source, changes, unset)
      : mergeChanges(current.source, changes);
  }

  /** Returns a document from the cache of versions, if the change needs nothing but the version. */
  #recall(
    target: Target,
    [first, another]: readonly Waiting[],
  ): StoredDocument | undefined {
    const version =
      first?.change.needsVersionAlone && another === undefined
        ? this.#recent.get(target)
        : undefined;

    return version && { ...version, source: {} };
  }
}

/** Has a change give up its turn if what it does before a write takes long: it asks Redis. */
function holdingBriefly(change: Change, turn: Turn): Change {
  const { beforeWrite } = change;

  return beforeWrite
    ? {
        ...change,
        beforeWrite: async (current) => {
          const stay = turn.endIn(BRIEF_TURN);
          await beforeWrite(current).finally(stay);
        },
      }
    : change;
}

/** Has an update that waits for a refresh give up its turn meanwhile. @returns a function that takes that back */
function holdingUntilStored(turn: Turn, { options }: UpdateArguments) {
  return options.refresh === "wait_for" ? turn.endIn(BRIEF_TURN) : () => {};
}

/** Tells by the error of its write whether a document that may be created may have been deleted. */
function isDeleted(error: unknown, all: readonly Waiting[]): boolean {
  const { status } = error as { readonly status?: number };

  return status === 404 && all.some(({ mayCreate }) => mayCreate);
}

/** Makes the condition of a write that stores several changes. */
function conditionalOf(decisions: readonly Decision[]): Conditional {
  const { current } = decisions[0]!;
  const unset = decisions.flatMap((decision) => decision.unset);

  return {
    now: decisions.find(({ now }) => now !== undefined)?.now,
    on: current,
    ...(unset.length > 0 && {
      wholeOf: (changes, hasPipeline) =>
        wholeDocument(current.source, changes, unset, hasPipeline),
    }),
  };
}

function isWritten(decided: Decided[number]): decided is Decision {
  return "update" in decided && decided.isWritten;
}

function rejectAll(waiting: readonly Waiting[], error: unknown): void {
  waiting.forEach(({ reject }) => reject(errorCopy(error) as Error));
}
