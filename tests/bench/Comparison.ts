import type { Contender, Scenario } from "./Scenario";
import { type Spread, spreadOf } from "./statistics";
import type { Turn } from "./takeTurn";

/** What can be compared of two turns. */
export type Metric = "goodput" | "p50" | "p95" | "p99" | "cpu" | "heap";

/** What came of a scenario: the turns of each contender, by round. */
export class Comparison {
  readonly scenario: Scenario;
  readonly turns = new Map<Contender, Turn[]>();

  constructor(scenario: Scenario) {
    this.scenario = scenario;
  }

  add(contender: Contender, turn: Turn): void {
    this.turns.set(contender, [...(this.turns.get(contender) ?? []), turn]);
  }

  /** The contender's share of the other's in the same round, round by round. */
  ratios(
    metric: Metric,
    contender: Contender,
    other = this.scenario.contenders[0],
  ): number[] {
    const others = (other && this.turns.get(other)) ?? [];

    return (this.turns.get(contender) ?? []).map(
      (turn, round) => turn[metric] / (others[round]?.[metric] ?? NaN),
    );
  }

  spread(metric: Metric, contender: Contender): Spread {
    const turns = this.turns.get(contender) ?? [];
    return spreadOf(turns.map((turn) => turn[metric]));
  }
}
