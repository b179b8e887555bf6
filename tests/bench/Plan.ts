import { Unmet } from "../../scripts/fail.mjs";
import type { Effort } from "./compare";
import { growths, toScenario } from "./growth";
import type { Scenario } from "./Scenario";
import { scenarios } from "./scenarios";

/** What a run measures, and how long. */
export interface Plan {
  /** Whether it is all there is, measured as long as it should. */
  readonly full: boolean;
  readonly effort: Effort;
  readonly comparisons: readonly Scenario[];
  readonly growth: readonly Scenario[];
  readonly growthEffort: Effort;
}

const FULL: Effort = { rounds: 8, seconds: 1.5, warmUp: 4 };
const FULL_GROWTH: Effort = { rounds: 3, seconds: 1.5, warmUp: 4 };
/** Enough to see whether all is stored, and nothing of times. */
const QUICK: Effort = { rounds: 1, seconds: 0.25, warmUp: 0 };

/** Reads `--quick` and a part of the names of scenarios. */
export function readPlan(words: readonly string[]): Plan {
  const quick = words.includes("--quick");
  const part = words.filter((word) => word !== "--quick").join(" ");
  if (part.startsWith("-")) {
    throw new Unmet(
      `Expected --quick or a part of a scenario's name, found: ${part}`,
      'Usage: npm run bench -- --quick, npm run bench -- "hot document"',
    );
  }
  const matching = ({ name }: Scenario) => name.includes(part);
  const sizes = growths.flatMap((growth) =>
    growth.sizes
      .filter((size) => !quick || size <= growth.quick)
      .map((size) => toScenario(growth, size)),
  );
  const comparisons = scenarios.filter(
    (scenario) => scenario.quick || !quick || part !== "",
  );
  const plan = {
    comparisons: comparisons.filter(matching),
    growth: sizes.filter(matching),
  };
  if (plan.comparisons.length + plan.growth.length === 0) {
    const names = [...scenarios, ...sizes].map(({ name }) => `\n    ${name}`);
    throw new Unmet(
      `No scenario has this in its name: ${part}`,
      `Scenarios:${names.join("")}`,
    );
  }

  return {
    ...plan,
    effort: quick ? QUICK : FULL,
    full: !quick && part === "",
    growthEffort: quick ? QUICK : FULL_GROWTH,
  };
}
