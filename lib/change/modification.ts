import { setImmediate } from "node:timers/promises";
import { inspect } from "node:util";

import type { JSONObject } from "kuzzle";

import { didYouMean } from "../didYouMean";
import { pluginError } from "../errors";
import { isPlainObject } from "../json";
import type { Target } from "../kuzzle/collections";
import type { StoredDocument } from "../storage/readDocuments";
import { checkCondition, type Condition, readCondition } from "./conditions";
import { fieldsDropped, mergeChanges, removeUnset } from "./merge";
import {
  applyOperators,
  type Operators,
  readOperators,
  requireBounded,
  withNulls,
} from "./operators";
import type { Path } from "./paths";
import { findUnreadable, kindOf } from "./values";

/** What a modification makes of a document. */
export interface Modified {
  /** The changes, with null for each field to remove. */
  readonly body: JSONObject;
  /** Fields to remove. */
  readonly unset: readonly Path[];
  /** Which of the steps apply, if the modification has steps. */
  readonly steps?: readonly boolean[];
  /** Whether the changes depend on the current time. */
  readonly takesNow: boolean;
}

/** A modification of a document, as the body of a `modify` describes it. */
export interface Modification {
  /**
   * Computes the changes.
   *
   * @param now the current time, in ms since the epoch
   * @throws plugin.document-update.condition_not_met; the errors of operators
   */
  readonly apply: (
    document: Target & Pick<StoredDocument, "source">,
    now: number,
  ) => Modified | Promise<Modified>;
  /** Content of the document, if it does not exist. Not with a condition, which is on one that exists. */
  readonly default: JSONObject | undefined;
  /** Whether it cannot be stored together with others: it removes fields, or depends on Kuzzle's metadata. */
  readonly needsOwnWrite: boolean;
}

/** Changes and operators that apply together. */
interface Step {
  readonly changes: JSONObject;
  /** Condition of one of several steps. */
  readonly condition?: Condition | undefined;
  readonly operators: Operators;
}

/** Most steps of a modification: each may compute with the whole document. */
export const MAX_STEPS = 100;
/** After this long, in ms, the steps of a modification let others run. */
const MAX_TIME = 10;

/** Keys of a step, and of a modification. */
export const STEP_KEYS = ["changes", "condition", "operators"];
const KEYS = [...STEP_KEYS, "default", "steps"];

/**
 * Reads a modification.
 *
 * @throws plugin.document-update.invalid_argument, plugin.document-update.invalid_condition,
 * plugin.document-update.invalid_operators, plugin.document-update.operator_path
 */
export function readModification(body: JSONObject): Modification {
  const all = objectOf("body", body, KEYS);
  const isStepped = all["steps"] !== undefined;
  const steps = isStepped ? readSteps(all) : [readStep(all)];
  const { default: initial } = all;
  if (initial !== undefined) {
    requireReadable(objectOf("default", initial));
  }
  const operators = steps.flatMap((step) => step.operators);
  const isOf = (name: string) =>
    operators.some(({ operator }) => operator === name);
  const conditions = [all, ...((all["steps"] ?? []) as JSONObject[])].map(
    (each) => each["condition"],
  );
  const condition = conditionOf(all);

  return {
    apply: ({ source, ...target }, now) => {
      if (condition) {
        checkCondition(condition, target, source);
      }
      return isStepped
        ? applySteps(source, steps, now, target._id)
        : applyStep(source, steps[0]!, now);
    },
    default: condition ? undefined : (initial as JSONObject | undefined),
    needsOwnWrite:
      isOf("unset") ||
      isOf("set") ||
      // Each write changes it.
      JSON.stringify(conditions).includes("_kuzzle_info"),
  };
}

function readSteps({ changes, operators, steps }: JSONObject): Step[] {
  if (changes !== undefined || operators !== undefined) {
    const name = changes === undefined ? "operators" : "changes";
    throw invalid("body", `either "steps" or "${name}"`, "both");
  }
  if (!Array.isArray(steps) || steps.length > MAX_STEPS) {
    const found = Array.isArray(steps) ? String(steps.length) : kindOf(steps);
    throw invalid("steps", `an array of at most ${MAX_STEPS} steps`, found);
  }

  const all = steps.map((step: unknown, number) =>
    inStep(number, () => {
      const found = objectOf("step", step, STEP_KEYS);
      return { ...readStep(found), condition: conditionOf(found) };
    }),
  );
  requireBounded(all.flatMap((step) => step.operators));

  return all;
}

/** Names the step in the message of an error. */
function inStep<T>(number: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    (error as Error).message += ` It is in "steps[${number}]".`;
    throw error;
  }
}

/** Reads changes and operators. */
function readStep({ changes = {}, operators }: JSONObject): Step {
  requireReadable([changes, operators]);

  return {
    changes: objectOf("changes", changes),
    operators: readOperators(operators, changes),
  };
}

function conditionOf({ condition }: JSONObject): Condition | undefined {
  return condition === undefined ? undefined : readCondition(condition);
}

/** @param keys that it may have; by default any */
function objectOf(
  name: string,
  found: unknown,
  keys?: readonly string[],
): JSONObject {
  if (!isPlainObject(found)) {
    throw invalid(name, "an object", kindOf(found));
  }
  for (const key of keys ? Object.keys(found) : []) {
    if (!keys!.includes(key)) {
      const expected = `one of the keys ${keys!.join(", ")}`;
      const shown = inspect(key, { maxStringLength: 100 });
      throw invalid(name, expected, shown, ...didYouMean(key, keys!));
    }
  }

  return found;
}

function requireReadable(values: unknown): void {
  const unreadable = findUnreadable(values);
  if (unreadable !== undefined) {
    throw invalid("body", "fields that can be read again", `"${unreadable}"`);
  }
}

function applyStep(
  source: JSONObject,
  { changes, operators }: Step,
  now: number,
): Modified {
  const computed = applyOperators(source, operators, now);

  return {
    body: mergeChanges(changes, computed.changes),
    takesNow: operators.some(({ operator }) => operator === "now"),
    unset: computed.unset,
  };
}

/** Applies steps in their order, each to the document as those before it leave it. */
async function applySteps(
  source: JSONObject,
  steps: readonly Step[],
  now: number,
  _id: string,
): Promise<Modified> {
  let after = source;
  let takesNow = false;
  let body: JSONObject = {};
  const applied: boolean[] = [];
  let begun = performance.now();
  for (const [number, step] of steps.entries()) {
    if (performance.now() - begun > MAX_TIME) {
      await setImmediate();
      begun = performance.now();
    }
    const isMet = step.condition?.({ ...after, _id }) ?? true;
    if (isMet) {
      const own = inStep(number, () => applyStep(after, step, now));
      after = removeUnset(mergeChanges(after, own.body), own.unset);
      body = mergeChanges(body, own.body);
      takesNow ||= own.takesNow;
    }
    applied.push(isMet);
  }
  // A step may set what one before it has removed, and replace an object by a value, and that by an object.
  const unset = fieldsDropped(mergeChanges(source, body), after);

  return { body: withNulls(body, unset), steps: applied, takesNow, unset };
}

function invalid(...props: [string, string, string, ...string[]]): Error {
  return pluginError("invalid_argument", ...props);
}
