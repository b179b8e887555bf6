import type { Contender, Scenario } from "./Scenario";
import type { Stack } from "./Stack";
import { type Spread, spreadOf } from "./statistics";
import { takeTurn, type Turn } from "./takeTurn";

/** How long a run measures. */
export interface Effort {
  readonly rounds: number;
  /** Length of a turn. */
  readonly seconds: number;
  /**
   * Length of each contender's first turn in a run, in seconds. With 0 there is none, nor a first
   * round of each scenario that warms up and does not count.
   */
  readonly warmUp: number;
}

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

/** Says why a turn does not pass, or nothing. */
export function faultOf(
  { conflicts }: Contender,
  { documents }: Scenario,
  { acknowledged, failures, lost }: Turn,
): string | undefined {
  const mayConflict = conflicts && documents.kind !== "independent";
  const unexpected = [...failures].filter(
    ([outcome]) => !(mayConflict && isConflict(outcome)),
  );
  const told = unexpected.map(([outcome, count]) => `${count} × ${outcome}`);
  if (lost > 0) {
    told.push(`${lost} lost`);
  }
  if (acknowledged === 0) {
    told.push("nothing acknowledged");
  }

  return told.length > 0 ? told.join(", ") : undefined;
}

/** Natively, and from Elasticsearch itself. */
function isConflict(outcome: string): boolean {
  return (
    outcome === "500 services.storage.unexpected_error" ||
    outcome.startsWith("409 ")
  );
}

/**
 * Has the contenders take turns, in another order each round.
 *
 * @param told is given every turn, those that warm up too
 */
export async function compare(
  stack: Stack,
  scenario: Scenario,
  { rounds, seconds, warmUp }: Effort,
  told: (contender: Contender, turn: Turn) => void,
): Promise<Comparison> {
  const comparison = new Comparison(scenario);

  for (let round = warmUp > 0 ? 0 : 1; round <= rounds; round++) {
    const counts = round > 0;
    const length = scenario.length * seconds * (counts ? 1 : 0.5);
    for (const contender of inTurns(scenario.contenders, round)) {
      const site = await stack.site(contender, scenario.apart);
      const turn = await takeTurn(contender, scenario, site, length);
      told(contender, turn);
      if (counts) {
        comparison.add(contender, turn);
      }
    }
  }

  return comparison;
}

/** Another one begins each round, and every other round goes the other way. */
function inTurns<T>(items: readonly T[], round: number): T[] {
  const start = round % items.length;
  const turned = [...items.slice(start), ...items.slice(0, start)];

  return round % 2 === 0 ? turned : turned.reverse();
}
