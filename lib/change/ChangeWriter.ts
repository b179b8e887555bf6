import type { JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import type { Conditional } from "../storage/ConditionalWrite";
import type { StoredDocument } from "../storage/StoredDocument";
import type { Delegate } from "../write/delegateUpdate";
import { foldUpdates } from "../write/fold";
import type { FoldRules } from "../write/foldRules";
import { isRefusal } from "../write/isRefusal";
import type { Target } from "../write/UpdateArguments";
import { isVersionConflict } from "../write/versionConflict";
import { writeUntilStored } from "../write/writeUntilStored";
import { answerChange, type StoredChanges } from "./answerChange";
import type { Change, ChangedDocument } from "./Change";
import { type Decision, decide, type Failed, type Member } from "./decide";
import { FoldedChanges } from "./FoldedChanges";
import { mergeChanges } from "./mergeChanges";
import { RecentVersions } from "./RecentVersions";
import type { Turn, Turns } from "./Turns";
import { wholeDocument } from "./wholeDocument";

/** @throws the error of native `document:get` */
export type ReadDocument = (target: Target) => Promise<StoredDocument>;

/** Outcome of a change. */
export type Ended = { readonly answer: ChangedDocument } | Failed;

/** Changes of a document that are being written in one turn. */
interface Writing {
  /** Time, by `performance.now()`, after which they are not retried. */
  readonly deadline: number;
  /** Whether the turn ends as soon as they are stored. */
  readonly endsTurn: boolean;
  readonly members: readonly Member[];
  /** The current time for the changes, in ms since the epoch. */
  readonly now: number;
  readonly target: Target;
  readonly turn: Turn;
}

/**
 * Backoff: longest pause before each retry, in ms. Short, because other updates may wait for this turn,
 * and no update of this node competes with it.
 */
const PAUSES = [10] as const;

/**
 * Stores changes that depend on the stored document: reads it, checks and computes the changes, and
 * writes them if the document has not changed since it was read. If it has, all of that is repeated.
 */
export class ChangeWriter {
  readonly #delegate: Delegate;
  readonly #folded: FoldedChanges;
  readonly #maxWait: number;
  readonly #read: ReadDocument;
  readonly #recent = new RecentVersions();
  readonly #rules: FoldRules;
  readonly #statistics: UpdateStatistics;
  readonly #turns: Turns;

  /** @param maxWait how long a change is retried after conflicts, in ms */
  constructor(
    delegate: Delegate,
    read: ReadDocument,
    turns: Turns,
    rules: FoldRules,
    maxWait: number,
    statistics: UpdateStatistics,
  ) {
    this.#delegate = delegate;
    this.#maxWait = maxWait;
    this.#read = async (target) => {
      const document = await read(target);
      this.#recent.set(target, document);
      return document;
    };
    this.#rules = rules;
    this.#statistics = statistics;
    this.#turns = turns;
    this.#folded = new FoldedChanges(turns, (target, members, turn) =>
      this.#store(target, members, turn, false),
    );
  }

  /**
   * @throws plugin.document-update.version_conflict, plugin.document-update.too_many_pending,
   * plugin.document-update.changed_by_pipe, plugin.document-update.unset_refused; the errors of the
   * change and of the delegate
   */
  async write(target: Target, change: Change): Promise<ChangedDocument> {
    if (change.foldedWith !== undefined) {
      return this.#folded.write(target, change, change.foldedWith);
    }
    const member: Member = { change, within: (compute) => compute() };

    return this.#turns.alone(target, async (turn) => {
      const [ended] = await this.#store(target, [member], turn, true);
      return answerOf(ended!);
    });
  }

  /** Stores the first of several changes, together with those after it that fit into the same write. */
  async #store(
    target: Target,
    members: readonly Member[],
    turn: Turn,
    endsTurn: boolean,
  ): Promise<readonly Ended[]> {
    const writing: Writing = {
      deadline: performance.now() + this.#maxWait,
      endsTurn,
      members,
      now: Date.now(),
      target,
      turn,
    };

    return (
      (await this.#tryOnKnown(writing)) ??
      writeUntilStored(
        async () => {
          turn.isOvertaken = false;
          return (await this.#try(await this.#read(target), writing, true))!;
        },
        target,
        this.#maxWait,
        this.#statistics,
        PAUSES,
      )
    );
  }

  /**
   * Tries without reading the document, if it is known from the previous write. Other writers may have
   * changed it since: then the write fails with a conflict. Errors and dry runs are never decided on
   * such a document.
   *
   * @returns undefined if the document has to be read
   */
  async #tryOnKnown(writing: Writing): Promise<readonly Ended[] | undefined> {
    const { target, turn } = writing;
    const known = turn.known ?? this.#recall(writing);
    turn.known = undefined;
    try {
      return known && (await this.#try(known, writing, false));
    } catch (error) {
      if (!isVersionConflict(error, target)) {
        throw error;
      }
      this.#countRetry();
      return undefined;
    }
  }

  /** Returns a document from the cache of versions, if the change needs nothing but the version. */
  #recall({ members, target }: Writing): StoredDocument | undefined {
    const version =
      members[0]!.change.needsVersionAlone && this.#recent.get(target);

    return version ? { ...version, source: {} } : undefined;
  }

  /**
   * Tries to store changes.
   *
   * @param isSure whether the document has just been read
   * @returns the outcome of the first change, and of those after it that were decided with it; undefined
   * if the document has to be read first
   * @throws only if nothing was stored, and all of them may be retried
   */
  async #try(
    current: StoredDocument,
    writing: Writing,
    isSure: boolean,
  ): Promise<readonly Ended[] | undefined> {
    const { members, target, turn } = writing;
    let decided = await this.#decide(current, writing, false);
    const written = decided.filter(isWritten);
    if (!isSure && written.length < decided.length) {
      return undefined;
    }

    const renew = async (): Promise<Conditional | undefined> => {
      const again = await this.#decideAgain(decided, writing);
      decided = again ?? decided;
      return again && { ...conditionalOf(again.filter(isWritten)), renew };
    };
    let stored: StoredChanges | undefined;
    try {
      stored =
        written.length > 0
          ? await this.#writeIf(written, renew, writing)
          : undefined;
    } catch (error) {
      if (isVersionConflict(error, target)) {
        throw error;
      }
      if (written.length === 1 || !isRefusal(error)) {
        return decided.map(() => ({ error }));
      }
      // Try half of them, so that in the end each change succeeds or fails on its own.
      turn.isOvertaken = false;
      const half = members.slice(0, Math.ceil(decided.length / 2));
      return this.#try(current, { ...writing, members: half }, isSure);
    }
    if (written.length > 1) {
      this.#statistics.folds.record(written.length);
    }

    const dryRun = (decision: Decision) => this.#dryRun(decision);
    return Promise.all(
      decided.map(async (each) =>
        "error" in each
          ? each
          : { answer: await answerChange(each, stored, dryRun) },
      ),
    );
  }

  #decide(
    current: StoredDocument,
    { members, now }: Writing,
    isUnderWay: boolean,
  ): Promise<readonly (Decision | Failed)[]> {
    const rules = this.#rules;

    return decide(current, members, { isUnderWay, now, rules });
  }

  /**
   * Evaluates changes again after their write has failed with a conflict.
   *
   * @returns undefined if they do not result in the same update
   */
  async #decideAgain(
    decided: readonly (Decision | Failed)[],
    writing: Writing,
  ): Promise<readonly (Decision | Failed)[] | undefined> {
    const { deadline, members, target, turn } = writing;
    if (turn.isOvertaken || performance.now() >= deadline) {
      return undefined;
    }
    let again: readonly (Decision | Failed)[];
    try {
      const same = { ...writing, members: members.slice(0, decided.length) };
      again = await this.#decide(await this.#read(target), same, true);
    } catch {
      // The next full try will fail with the same error, and report it.
      return undefined;
    }
    const isSame = decided.every((each, place) => {
      const other = again[place];
      return (
        other !== undefined &&
        !("error" in each || "error" in other) &&
        each.isWritten === other.isWritten
      );
    });
    if (!isSame) {
      return undefined;
    }
    this.#countRetry();

    return again;
  }

  /** Stores changes by one write. */
  async #writeIf(
    written: readonly Decision[],
    renew: () => Promise<Conditional | undefined>,
    { endsTurn, turn }: Writing,
  ): Promise<StoredChanges> {
    const update = foldUpdates(written.map((decision) => decision.update));
    try {
      const answer = await this.#delegate.writeIf(update, {
        ...conditionalOf(written),
        onStored: (stored) => {
          this.#recent.set(update, stored?.version);
          turn.known =
            endsTurn && !turn.isAwaited() ? undefined : stored?.copy();
          if (endsTurn) {
            turn.end();
          }
        },
        renew,
      });
      return { answer, count: written.length };
    } catch (error) {
      if (turn.isOvertaken && isVersionConflict(error, update)) {
        throw overtaken(update, error);
      }
      throw error;
    }
  }

  #countRetry(): void {
    this.#statistics.conflicts++;
    this.#statistics.retries++;
  }

  /** Returns the document as it would be stored. */
  async #dryRun(decision: Decision): Promise<JSONObject> {
    const { current, unset, update } = decision;
    const changes = await this.#delegate.dryRun(
      update,
      conditionalOf([decision]),
    );

    return unset.length > 0
      ? wholeDocument(current.source, changes, unset)
      : mergeChanges(current.source, changes);
  }
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

function isWritten(decided: Decision | Failed): decided is Decision {
  return "update" in decided && decided.isWritten;
}

/** @throws the error if the change failed */
function answerOf(ended: Ended): ChangedDocument {
  if ("error" in ended) {
    throw ended.error;
  }

  return ended.answer;
}

function overtaken({ _id, collection, index }: Target, cause: unknown): Error {
  const error = pluginError("changed_by_pipe", index, collection, _id);
  error.cause = cause;

  return error;
}
