import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import type { StoredDocument } from "../storage/StoredDocument";
import type { Delegate } from "../write/delegateUpdate";
import type { FoldRules } from "../write/foldRules";
import type { Target } from "../write/UpdateArguments";
import { isVersionConflict } from "../write/versionConflict";
import { writeUntilStored } from "../write/writeUntilStored";
import type { Change, ChangedDocument } from "./Change";
import {
  ChangeAttempt,
  type Ended,
  type ReadDocument,
  type Tools,
  type Writing,
} from "./ChangeAttempt";
import type { Member } from "./decide";
import { FoldedChanges } from "./FoldedChanges";
import { RecentVersions } from "./RecentVersions";
import type { Turn, Turns } from "./Turns";

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
  readonly #folded: FoldedChanges;
  readonly #maxWait: number;
  readonly #tools: Tools;
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
    const recent = new RecentVersions();
    this.#maxWait = maxWait;
    this.#tools = {
      delegate,
      read: async (target) => {
        const document = await read(target);
        recent.set(target, document);
        return document;
      },
      recent,
      rules,
      statistics,
    };
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
  ): Promise<readonly (Ended | undefined)[]> {
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
          const current = await this.#tools.read(target);
          return (await this.#try(writing, current, true))!;
        },
        target,
        writing.deadline - performance.now(),
        this.#tools.statistics,
        PAUSES,
      )
    );
  }

  /**
   * Tries without reading the document, if it is known from the previous write. If another writer has
   * changed it since, the write fails with a conflict.
   *
   * @returns undefined if the document has to be read
   */
  async #tryOnKnown(
    writing: Writing,
  ): Promise<readonly (Ended | undefined)[] | undefined> {
    const { target, turn } = writing;
    const known = turn.known ?? this.#recall(writing);
    turn.known = undefined;
    try {
      return known && (await this.#try(writing, known, false));
    } catch (error) {
      if (!isVersionConflict(error, target)) {
        throw error;
      }
      this.#tools.statistics.resent();
      return undefined;
    }
  }

  /** Returns a document from the cache of versions, if the change needs nothing but the version. */
  #recall({ members, target }: Writing): StoredDocument | undefined {
    const version =
      members[0]!.change.needsVersionAlone && this.#tools.recent.get(target);

    return version ? { ...version, source: {} } : undefined;
  }

  #try(
    writing: Writing,
    current: StoredDocument,
    isSure: boolean,
  ): ReturnType<ChangeAttempt["run"]> {
    return new ChangeAttempt(this.#tools, writing, current, isSure).run();
  }
}

/** @throws the error if the change failed */
function answerOf(ended: Ended): ChangedDocument {
  if ("error" in ended) {
    throw ended.error;
  }

  return ended.answer;
}
