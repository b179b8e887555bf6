import type { JSONObject } from "kuzzle";

import { errorCopy } from "../errorCopy";
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
import { answerChange, type StoredChanges } from "./answerChange";
import type { ChangedDocument } from "./Change";
import { type Decision, decide, type Failed, type Member } from "./decide";
import { mergeChanges } from "./mergeChanges";
import type { RecentVersions } from "./RecentVersions";
import type { Turn } from "./Turns";
import { wholeDocument } from "./wholeDocument";

/** Reads a document. @throws the error of native `document:get` */
export type ReadDocument = (target: Target) => Promise<StoredDocument>;

/** Outcome of a change. */
export type Ended = { readonly answer: ChangedDocument } | Failed;

/** Changes of a document that are being written in one turn. */
export interface Writing {
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

/** What an attempt reads, writes and counts with. */
export interface Tools {
  readonly delegate: Delegate;
  readonly read: ReadDocument;
  readonly recent: RecentVersions;
  readonly rules: FoldRules;
  readonly statistics: UpdateStatistics;
}

/** One attempt to store changes, on a state of their document. */
export class ChangeAttempt {
  readonly #current: StoredDocument;
  /** The changes that fit into one write, as evaluated on the document. */
  #decided: readonly (Decision | Failed)[] = [];
  /** Whether storage has stored the write: an error after that is Kuzzle's, or that of a pipe. */
  #isStored = false;
  readonly #isSure: boolean;
  readonly #tools: Tools;
  readonly #writing: Writing;

  /**
   * @param current the document
   * @param isSure whether it has just been read; otherwise other writers may have changed it since, and
   * no error is decided on it
   */
  constructor(
    tools: Tools,
    writing: Writing,
    current: StoredDocument,
    isSure: boolean,
  ) {
    this.#current = current;
    this.#isSure = isSure;
    this.#tools = tools;
    this.#writing = writing;
  }

  /**
   * @returns the outcome of each change that was decided, always of the first; an undefined one has to
   * be decided again, since a change before it has failed. Undefined if the document has to be read
   * first
   * @throws a version conflict: nothing was stored, and all of them may be retried
   */
  async run(): Promise<readonly (Ended | undefined)[] | undefined> {
    this.#decided = await this.#decide(this.#current, this.#writing, false);
    const written = this.#decided.filter(isWritten);
    if (!this.#isSure && written.length < this.#decided.length) {
      return undefined;
    }

    let stored: StoredChanges | undefined;
    try {
      stored = written.length > 0 ? await this.#write(written) : undefined;
    } catch (error) {
      return this.#endFailed(error, written.length);
    }
    if (written.length > 1) {
      this.#tools.statistics.folds.record(written.length);
    }

    return Promise.all(this.#decided.map((each) => this.#end(each, stored)));
  }

  /** Ends the changes after their write has failed. */
  async #endFailed(
    error: unknown,
    count: number,
  ): Promise<readonly (Ended | undefined)[] | undefined> {
    const { members, target, turn } = this.#writing;
    if (isVersionConflict(error, target)) {
      throw error;
    }
    const isRefused = isRefusal(error) && !this.#isStored;
    if (isRefused && !this.#isSure && !turn.isOvertaken) {
      return undefined;
    }
    if (isRefused && count > 1) {
      // Try half of them, so that in the end each change succeeds or fails on its own.
      turn.isOvertaken = false;
      const half = members.slice(0, Math.ceil(this.#decided.length / 2));
      const writing = { ...this.#writing, members: half };
      return new ChangeAttempt(
        this.#tools,
        writing,
        this.#current,
        this.#isSure,
      ).run();
    }
    const first = this.#decided.findIndex(isWritten);

    return Promise.all(
      this.#decided.map(async (each, place) => {
        if (isWritten(each)) {
          return { error: errorCopy(error) };
        }
        return place < first ? this.#end(each, undefined) : undefined;
      }),
    );
  }

  async #end(
    decided: Decision | Failed,
    stored: StoredChanges | undefined,
  ): Promise<Ended> {
    return "error" in decided
      ? decided
      : {
          answer: await answerChange(decided, stored, (decision) =>
            this.#dryRun(decision),
          ),
        };
  }

  #decide(
    current: StoredDocument,
    { members, now }: Pick<Writing, "members" | "now">,
    isUnderWay: boolean,
  ): Promise<readonly (Decision | Failed)[]> {
    const { rules } = this.#tools;

    return decide(current, members, { isUnderWay, now, rules });
  }

  /** Stores changes by one write. */
  async #write(written: readonly Decision[]): Promise<StoredChanges> {
    const { delegate, recent } = this.#tools;
    const { endsTurn, turn } = this.#writing;
    const update = foldUpdates(written.map((decision) => decision.update));
    try {
      const answer = await delegate.writeIf(update, {
        ...conditionalOf(written),
        onStored: (stored) => {
          this.#isStored = true;
          recent.set(update, stored?.version);
          turn.known =
            endsTurn && !turn.isAwaited() ? undefined : stored?.copy();
          if (endsTurn) {
            turn.end();
          }
        },
        renew: () => this.#renew(),
      });
      return { answer, count: written.length };
    } catch (error) {
      if (turn.isOvertaken && isVersionConflict(error, update)) {
        throw overtaken(update, error);
      }
      throw error;
    }
  }

  /**
   * Evaluates the changes again after their write has failed with a conflict.
   *
   * @returns a new condition; undefined if they do not result in the same update
   */
  async #renew(): Promise<Conditional | undefined> {
    const { deadline, members, now, target, turn } = this.#writing;
    if (turn.isOvertaken || performance.now() >= deadline) {
      return undefined;
    }
    let again: readonly (Decision | Failed)[];
    try {
      const current = await this.#tools.read(target);
      const same = { members: members.slice(0, this.#decided.length), now };
      again = await this.#decide(current, same, true);
    } catch {
      // The next full try will fail with the same error, and report it.
      return undefined;
    }
    const isSame = this.#decided.every((each, place) => {
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
    this.#tools.statistics.resent();
    this.#decided = again;

    return {
      ...conditionalOf(again.filter(isWritten)),
      renew: () => this.#renew(),
    };
  }

  /** Returns the document as it would be stored. */
  async #dryRun(decision: Decision): Promise<JSONObject> {
    const { current, unset, update } = decision;
    const changes = await this.#tools.delegate.dryRun(
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

function overtaken({ _id, collection, index }: Target, cause: unknown): Error {
  const error = pluginError("changed_by_pipe", index, collection, _id);
  error.cause = cause;

  return error;
}
