import type { JSONObject } from "kuzzle";

import { inTime } from "../inTime";
import { isAbsent, type StoredDocument } from "../storage/readDocuments";
import type { UpdateArguments, UpdatedDocument } from "../write/delegateUpdate";
import { UpdateSum } from "../write/fold";
import { changedPaths, mergeChanges, removeUnset } from "./merge";
import type { Path } from "./paths";

/** Result of computing a change for a document. */
export interface Computed {
  /** The update to write. Its body has null for each field to remove. */
  readonly update: UpdateArguments;
  /** Fields to remove. */
  readonly unset: readonly Path[];
  /** Whether the document is left as it is. */
  readonly isLeft?: boolean;
  /** Which steps of the change apply, if it has steps. */
  readonly steps?: readonly boolean[] | undefined;
  /** Whether the result contains the current time. */
  readonly takesNow?: boolean;
}

/** A change that depends on the stored document, or on its version. */
export interface Change {
  /**
   * Computes the change. Called again each time that the document has been read again.
   *
   * @param now the current time, in ms since the epoch: the same value at each call
   * @param isUnderWay whether the update that the last call returned is being written at the moment
   * @returns nothing if the result would differ from the update that is being written
   * @throws to refuse the change
   */
  readonly compute: (
    current: StoredDocument,
    now: number,
    isUnderWay: boolean,
  ) => Computed | undefined | Promise<Computed | undefined>;
  /** Content of the document, if it does not exist: then the change creates it. */
  readonly default?: JSONObject | undefined;
  /** Called before each write is sent. If it throws, the write is not sent. */
  readonly beforeWrite?: (current: StoredDocument) => Promise<void>;
  /** Identifier of the connection that it came by. */
  readonly connectionId: unknown;
  /** Changes with the same key may be stored by one write. Without a key, a change is written alone. */
  readonly foldedWith?: string | undefined;
  /** Whether computing the change needs only the document's version. Its content may then be missing. */
  readonly needsVersionAlone?: boolean;
  /** Whether the document that would be stored is answered, and nothing is written. */
  readonly isDryRun: boolean;
  /** Whether nothing is written if the document would stay as it is. */
  readonly skipsUnchanged: boolean;
  /** Whether the answer lists the changed fields. */
  readonly tellsFields: boolean;
}

/** The answer to a change. */
export interface ChangedDocument extends UpdatedDocument {
  /** Paths of the fields whose value changed. */
  readonly _updatedFields?: readonly string[];
  /** If the change may create the document: whether it was created, or would be. */
  readonly created?: boolean;
  /** Which steps of the change were applied, if it has steps. */
  readonly steps?: readonly boolean[];
}

/** A change, and how to run what belongs to its request. */
export interface Member {
  readonly change: Change;
  /** Runs a function in the asynchronous context of the change's request. */
  readonly within: <T>(compute: () => T) => T;
  /** Its last evaluation, while that takes longer than others wait. */
  slow?: Promise<unknown> | undefined;
}

/** The result of evaluating a change on a document. */
export interface Decision extends Computed {
  readonly change: Change;
  /** The document that the change was computed from. */
  readonly current: StoredDocument;
  /** The document after the change, without the new metadata. */
  readonly after: JSONObject;
  /** Whether other changes come before this one in the same write. */
  readonly isBehind: boolean;
  readonly isWritten: boolean;
  /** The current time that the changes contain, in ms since the epoch; undefined if they contain none. */
  readonly now: number | undefined;
  /** Paths of the changed fields, if they are needed. */
  readonly updatedFields: readonly string[];
}

/** A change that failed. */
export interface Failed {
  readonly error: unknown;
}

/** A change whose pipes take too long for others to wait. It settles when they have returned. */
export interface Slow {
  readonly slow: Promise<unknown>;
}

/** Circumstances in which changes are evaluated. */
export interface Occasion {
  /** The current time, in ms since the epoch. */
  readonly now: number;
  /** Whether the updates that were computed last are being written at the moment. */
  readonly isUnderWay: boolean;
}

/** Time limit for computing the changes of one write, and each of several changes, in ms: pipes may be slow. */
const MAX_TIME = 100;

/**
 * Evaluates changes in their order, each on the document as the changes before it leave it. Stops at the
 * first change that cannot be stored by the same write.
 *
 * @param current the document as it was read
 * @returns a result for each evaluated change, at least for the first
 */
export async function decide(
  current: StoredDocument,
  members: readonly Member[],
  occasion: Occasion,
): Promise<readonly (Decision | Failed | Slow)[]> {
  const decided: (Decision | Failed | Slow)[] = [];
  const sum = new UpdateSum();
  const end = performance.now() + MAX_TIME;
  let limit = MAX_TIME;
  let { source } = current;
  let isBehind = false;
  for (const member of members) {
    // No change is evaluated twice at the same time.
    const decision: Decision | Failed | Slow = member.slow
      ? { slow: member.slow }
      : await evaluate(
          member,
          () =>
            decideOn({ ...current, source }, member.change, occasion, isBehind),
          members.length > 1 ? limit : undefined,
        );
    if (!("update" in decision)) {
      // Those behind a slow one are not waited for as long again.
      limit = "slow" in decision ? 1 : limit;
      decided.push(decision);
      continue;
    }
    if (decision.isWritten && members.length > 1) {
      const isAdded = sum.add(decision.update);
      if (!isAdded && isBehind) {
        break;
      }
      decided.push(decision);
      if (!isAdded) {
        break;
      }
      source = decision.after;
      isBehind = true;
    } else {
      decided.push(decision);
    }
    if (performance.now() > end) {
      break;
    }
  }

  return decided;
}

/** Evaluates a change. @param limit of its time, in ms, if others wait for it */
async function evaluate(
  member: Member,
  decideIt: () => Promise<Decision>,
  limit: number | undefined,
): Promise<Decision | Failed | Slow> {
  const evaluated = member
    .within(decideIt)
    .catch((error: unknown): Failed => ({ error }));
  if (limit === undefined) {
    return evaluated;
  }

  return inTime(evaluated, limit, (): Slow => {
    member.slow = evaluated.finally(() => {
      member.slow = undefined;
    });
    return { slow: member.slow };
  });
}

async function decideOn(
  current: StoredDocument,
  change: Change,
  { isUnderWay, now }: Occasion,
  isBehind: boolean,
): Promise<Decision> {
  const { isDryRun, skipsUnchanged, tellsFields } = change;
  const computed = await change.compute(current, now, isUnderWay);
  if (computed === undefined) {
    throw new Error("The change is another one for this document.");
  }
  const { unset, update } = computed;
  // Kuzzle overwrites its metadata, whatever the client has sent.
  const changes = { ...update.body };
  delete changes["_kuzzle_info"];
  const after = removeUnset(mergeChanges(current.source, changes), unset);
  const isNew = isAbsent(current);
  const updatedFields =
    skipsUnchanged || tellsFields
      ? changedPaths(isNew ? {} : current.source, after)
      : [];
  const isUnchanged =
    computed.isLeft === true || (skipsUnchanged && updatedFields.length === 0);
  const isWritten = !isDryRun && (isNew || !isUnchanged);
  if (isWritten) {
    await change.beforeWrite?.(current);
  }

  return {
    ...computed,
    after,
    change,
    current,
    isBehind,
    isWritten,
    now: computed.takesNow ? now : undefined,
    updatedFields,
  };
}
