import type { JSONObject } from "kuzzle";

import type { StoredDocument } from "../storage/StoredDocument";
import type { FoldRules } from "../write/foldRules";
import { UpdateSum } from "../write/UpdateSum";
import type { Change, Computed } from "./Change";
import { changedPaths } from "./changedPaths";
import { mergeChanges } from "./mergeChanges";
import { removeUnset } from "./removeUnset";

/** A change, and what has it computed where its request comes from. */
export interface Member {
  readonly change: Change;
  readonly within: <T>(compute: () => T) => T;
}

/** What is to be done about a change, by what its document holds. */
export interface Decision extends Computed {
  readonly change: Change;
  /** The document that it was computed from. */
  readonly current: StoredDocument;
  /** What the document holds afterwards, but for its metadata. */
  readonly after: JSONObject;
  /** Whether others come before it that one write stores with it. */
  readonly isBehind: boolean;
  readonly isWritten: boolean;
  /** The instant that it holds for the present one, in ms since the epoch, if it does. */
  readonly now: number | undefined;
  /** Paths of the fields that it changes, where that is asked for. */
  readonly updatedFields: readonly string[];
}

/** Has changes decided on. */
export interface Occasion {
  readonly rules: FoldRules;
  /** The present instant, in ms since the epoch. */
  readonly now: number;
  /** Whether the updates that they came to last are on their way to storage. */
  readonly isUnderWay: boolean;
}

/** A change that failed. */
export interface Failed {
  readonly error: unknown;
}

/** How long changes are computed that one write stores, in ms: pipes may take their time. */
const MAX_TIME = 100;

/**
 * Decides on changes in their order, each on what those before it make of the document: on the first,
 * and on those behind it that one write can store with it.
 *
 * @param current as it was read
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
    throw new Error("It has come to another update.");
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
