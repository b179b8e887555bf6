import type { Comparison, Metric } from "./Comparison";
import * as contender from "./contenders";
import type { Contender } from "./Scenario";
import {
  ASSET,
  AUDIT,
  type conditions,
  COUNTER,
  HOT_DOCUMENT,
  HOT_IN_FLIGHT,
  IF_VERSION,
  INDEPENDENT,
  LOGGED_IN,
  nameOf,
} from "./scenarios";
import { type Spread, spreadOf, sum } from "./statistics";

/** What the plugin is meant to reach, within one run. */
export interface Goal {
  readonly name: string;
  readonly target: number;
  readonly bound: "at least" | "at most";
  /** Its value in each round; none where this run did not measure it. */
  readonly measure: (find: Find) => readonly number[];
}

export type Find = (scenario: string) => Comparison | undefined;

const { byDefault, fold, ifVersion, intercepting } = contender;
const { changedWith, steps, stepsFolded, underMutex } = contender;
const { modify, modifyFolded, native, nativeRetrying } = contender;
const { prepared, scripted } = contender;

const against =
  (
    scenario: string,
    one: Contender,
    other = native,
    metric: Metric = "goodput",
  ): Goal["measure"] =>
  (find) =>
    find(scenario)?.ratios(metric, one, other) ?? [];

/** Native with the number in flight, and the retries, that suit one hot document best: a second. */
function nativesBest(find: Find): number {
  const medians = HOT_IN_FLIGHT.flatMap((inFlight) =>
    [native, nativeRetrying].map(
      (one) =>
        find(nameOf(HOT_DOCUMENT, inFlight))?.spread("goodput", one).median,
    ),
  );

  return spreadOf(medians.map(Number)).max;
}

/** Goodput on one hot document at 64 in flight, of native's best. */
const againstBest =
  (one: Contender): Goal["measure"] =>
  (find) => {
    const turns = find(nameOf(HOT_DOCUMENT, 64))?.turns.get(one) ?? [];
    return turns.map(({ goodput }) => goodput / nativesBest(find));
  };

/** How many updates of one hot document failed, at any number in flight. */
const failuresOf =
  (one: Contender): Goal["measure"] =>
  (find) => {
    const turns = HOT_IN_FLIGHT.flatMap(
      (inFlight) => find(nameOf(HOT_DOCUMENT, inFlight))?.turns.get(one) ?? [],
    );
    const failures = turns.flatMap(({ failures }) => [...failures.values()]);
    return turns.length > 0 ? [sum(failures)] : [];
  };

/** How many increments failed, or were lost or counted twice. */
const miscounted: Goal["measure"] = (find) => {
  const turns = [modify, modifyFolded].flatMap(
    (one) => find(COUNTER)?.turns.get(one) ?? [],
  );
  const counts = turns.flatMap(({ failures, lost }) => [
    lost,
    ...failures.values(),
  ]);
  return turns.length > 0 ? [sum(counts)] : [];
};

/** How many measures of an asset were stale after a turn. */
const stale: Goal["measure"] = (find) => {
  const turns = [steps, stepsFolded, changedWith].flatMap(
    (one) => find(ASSET)?.turns.get(one) ?? [],
  );
  return turns.length > 0 ? [sum(turns.map(({ stale }) => Number(stale)))] : [];
};

const amiss: Goal["measure"] = (find) => {
  const turns = find(AUDIT)?.turns.get(byDefault) ?? [];
  const counts = turns.flatMap(({ findings }) => Object.values(findings ?? {}));
  return turns.length > 0 ? [sum(counts.map(Number))] : [];
};

const atLeast = (
  target: number,
  name: string,
  measure: Goal["measure"],
): Goal => ({ bound: "at least", measure, name, target });

const none = (name: string, measure: Goal["measure"]): Goal => ({
  bound: "at most",
  measure,
  name,
  target: 0,
});

const independent = (inFlight: number) => nameOf(INDEPENDENT, inFlight);
const hot = nameOf(HOT_DOCUMENT, 64);

export const goals: readonly Goal[] = [
  atLeast(1, "default, 1 in flight", against(independent(1), byDefault)),
  {
    bound: "at most",
    measure: against(independent(1), byDefault, native, "p50"),
    name: "default, 1 in flight: p50",
    target: 0.9,
  },
  ...(
    [
      [1.6, 16],
      [1.9, 64],
      [2, 256],
    ] as const
  ).map(([target, inFlight]) =>
    atLeast(
      target,
      `default, ${inFlight} in flight`,
      against(independent(inFlight), byDefault),
    ),
  ),
  ...(
    [
      [1.2, LOGGED_IN],
      [1.7, "40 kuzzle-sdk clients"],
      [1.3, "pipes on all events"],
      [1.4, "a specification"],
    ] as const satisfies readonly (readonly [number, keyof typeof conditions])[]
  ).map(([target, condition]) =>
    atLeast(
      target,
      `default, 64 in flight, ${condition}`,
      against(condition, byDefault),
    ),
  ),
  atLeast(
    2.2,
    `prepareJwtKey, 64 in flight, ${LOGGED_IN}, of native's without it`,
    against(LOGGED_IN, prepared),
  ),
  ...(
    [
      [1.4, 16],
      [1.8, 64],
    ] as const
  ).map(([target, inFlight]) =>
    atLeast(
      target,
      `intercepting, ${inFlight} in flight`,
      against(independent(inFlight), intercepting),
    ),
  ),
  atLeast(
    2,
    "default, one hot document, 64 in flight, of native's best at any number in flight, with or without 50 retries",
    againstBest(byDefault),
  ),
  none("default, one hot document: failed updates", failuresOf(byDefault)),
  none(
    "default, one hot document: versions and notifications that are missing, too many or out of order",
    amiss,
  ),
  atLeast(
    2.4,
    "intercepting, one hot document, 64 in flight, of native's with 50 retries",
    against(hot, intercepting, nativeRetrying),
  ),
  none(
    "intercepting, one hot document: failed updates",
    failuresOf(intercepting),
  ),
  atLeast(
    4,
    "fold, one hot document, 64 in flight, of native's best at any number in flight, with or without 50 retries",
    againstBest(fold),
  ),
  none("fold, one hot document: failed updates", failuresOf(fold)),
  atLeast(
    1,
    "modify, increments of one counter, 64 in flight, of Elasticsearch's scripted update",
    against(COUNTER, modify, scripted),
  ),
  atLeast(
    1.5,
    "modify, fold, increments of one counter, 64 in flight, of Elasticsearch's scripted update",
    against(COUNTER, modifyFolded, scripted),
  ),
  none(
    "modify, folded or not: increments that fail, are lost or counted twice",
    miscounted,
  ),
  atLeast(
    8,
    "modify with steps, 64 devices, one asset, of server code's under Kuzzle's Mutex",
    against(ASSET, steps, underMutex),
  ),
  atLeast(
    8,
    "updateWith, 64 devices, one asset, of server code's under Kuzzle's Mutex",
    against(ASSET, changedWith, underMutex),
  ),
  none(
    "modify with steps, folded or not, and updateWith, 64 devices, one asset: stale measures",
    stale,
  ),
  atLeast(
    0.7,
    "ifVersion, 64 in flight, of default's",
    against(IF_VERSION, ifVersion, byDefault),
  ),
];

/** The target as it is written. */
export const targetOf = ({ bound, target }: Goal): string =>
  `${bound === "at least" ? "≥" : "≤"} ${target}`;

/** What a run has to say of a goal. */
export function judge(
  goal: Goal,
  find: Find,
): { measured: Spread; verdict: "met" | "not met" | "not measured" } {
  const measured = spreadOf(goal.measure(find));
  const { median } = measured;
  if (Number.isNaN(median)) {
    return { measured, verdict: "not measured" };
  }
  const met =
    goal.bound === "at least" ? median >= goal.target : median <= goal.target;

  return { measured, verdict: met ? "met" : "not met" };
}
