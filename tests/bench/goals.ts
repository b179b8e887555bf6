import type { Comparison, Metric } from "./Comparison";
import * as contender from "./contenders";
import type { Contender } from "./Scenario";
import { families, IN_FLIGHT, nameOf } from "./scenarios";

/** What the plugin is meant to reach, as a ratio within one run. */
export interface Goal {
  readonly name: string;
  readonly target: number;
  readonly bound: "at least" | "at most";
  /** Its value in each round; none where this run did not measure it. */
  readonly measure: (find: Find) => readonly number[];
}

export type Find = (scenario: string) => Comparison | undefined;

const [independent, , hot] = families.map(({ name }) => name) as [
  string,
  string,
  string,
];
const { barest, byDefault, fold, group, intercepting } = contender;
const { native, nativeRetrying } = contender;

const against =
  (
    family: string,
    inFlight: number,
    metric: Metric,
    one: Contender,
    other: Contender,
  ): Goal["measure"] =>
  (find) =>
    find(nameOf(family, inFlight))?.ratios(metric, one, other) ?? [];

/** How many updates of a contender failed, over all of a family. */
const failuresOf =
  (family: string, one: Contender): Goal["measure"] =>
  (find) => {
    const turns = IN_FLIGHT.flatMap(
      (inFlight) => find(nameOf(family, inFlight))?.turns.get(one) ?? [],
    );
    const counts = turns.flatMap(({ failures }) => [...failures.values()]);
    return turns.length > 0 ? [counts.reduce((sum, n) => sum + n, 0)] : [];
  };

/** Natively, with retries or without, with as many in flight as suits it best. */
const foldAgainstBest: Goal["measure"] = (find) => {
  const natives = IN_FLIGHT.flatMap((inFlight) =>
    [native, nativeRetrying].map(
      (one) => find(nameOf(hot, inFlight))?.turns.get(one) ?? [],
    ),
  );
  const folded = find(nameOf(hot, 64))?.turns.get(fold) ?? [];

  return folded.map(({ goodput }, round) => {
    const best = natives.map((turns) => turns[round]?.goodput ?? 0);
    return goodput / Math.max(...best);
  });
};

export const goals: readonly Goal[] = [
  {
    bound: "at least",
    measure: foldAgainstBest,
    name: "fold, one hot document, 64 in flight: goodput, of native's best at any number in flight",
    target: 4,
  },
  {
    bound: "at most",
    measure: failuresOf(hot, fold),
    name: "fold, one hot document: failed updates",
    target: 0,
  },
  {
    bound: "at least",
    measure: against(independent, 64, "goodput", group, native),
    name: "group commit, independent documents, 64 in flight: goodput, of native's",
    target: 2.5,
  },
  {
    bound: "at least",
    measure: against(independent, 1, "goodput", group, native),
    name: "group commit, independent documents, 1 in flight: goodput, of native's",
    target: 1,
  },
  ...[16, 64, 256].map((inFlight): Goal => ({
    bound: "at least",
    measure: against(hot, inFlight, "goodput", byDefault, nativeRetrying),
    name: `default, one hot document, ${inFlight} in flight: goodput, of that of native with 50 retries`,
    target: 0.9,
  })),
  {
    bound: "at most",
    measure: failuresOf(hot, byDefault),
    name: "default, one hot document: failed updates",
    target: 0,
  },
  ...[16, 64].map((inFlight): Goal => ({
    bound: "at most",
    measure: against(independent, inFlight, "cpu", byDefault, barest),
    name: `default, independent documents, ${inFlight} in flight: CPU for an update, of the barest handler's`,
    target: 1.05,
  })),
  ...[16, 64].map((inFlight): Goal => ({
    bound: "at least",
    measure: against(independent, inFlight, "goodput", byDefault, native),
    name: `default, independent documents, ${inFlight} in flight: goodput, of native's`,
    target: 0.9,
  })),
  {
    bound: "at most",
    measure: against(independent, 1, "p50", byDefault, native),
    name: "default, independent documents, 1 in flight: p50, of native's",
    target: 1.05,
  },
  ...[16, 64].map((inFlight): Goal => ({
    bound: "at least",
    measure: against(independent, inFlight, "goodput", intercepting, native),
    name: `intercepting, independent documents, ${inFlight} in flight: goodput, of native's`,
    target: 0.85,
  })),
];
