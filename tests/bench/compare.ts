import { Comparison } from "./Comparison";
import type { Contender, Scenario } from "./Scenario";
import type { Stack } from "./Stack";
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
      const site = await stack.site(contender, scenario);
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
