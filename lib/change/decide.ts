import type { JSONObject } from "kuzzle";

import type { StoredDocument } from "../storage/StoredDocument";
import type { FoldRules } from "../write/foldRules";
import { UpdateSum } from "../write/UpdateSum";
import type { Change, Computed } from "./Change";
import { changedPaths } from "./changedPaths";
import { mergeChanges } from "./mergeChanges";
import { removeUnset } from "./removeUnset";

/** A change of a fold. */
export interface Member {
  readonly change: Change;
  /** Runs a function in the asynchronous context of the change's request. */
  readonly within: <T>(compute: () => T) => T;
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

/** Circumstances in which changes are evaluated. */
export interface Occasion {
  readonly rules: FoldRules;
  /** The current time, in ms since the epoch. */
  readonly now: number;
  /** Whether the updates that were computed last are being written at the moment. */
  readonly isUnderWay: boolean;
}

/** A change that failed. */
export interface Failed {
  readonly error: unknown;
}

/** Time limit for computing the changes of one write, in ms, because pipes may be slow. */
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
): Promise<readonly (Decision | Failed)[]> {
  const decided: (Decision | Failed)[] = [];
  const sum = new UpdateSum(occasion.rules);
  const end = performance.now() + MAX_TIME;
  let { source } = current;
  let isBehind = false;
  for (const { change, within } of members) {
    let decision: Decision;
    try {
      const on = { ...current, source };
      decision = await within(() => decideOn(on, change, occasion, isBehind));
    } catch (error) {
      decided.push({ error });
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
  const after = removeUnset(mergeChanges(current.source, update.body), unset);
  const updatedFields =
    skipsUnchanged || tellsFields ? changedPaths(current.source, after) : [];
  const isWritten =
    !isDryRun && !(skipsUnchanged && updatedFields.length === 0);
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
