import { Unmet } from "../../scripts/fail.mjs";
import type { Effort } from "./compare";
import { environment, growths, toScenario } from "./growth";
import type { Scenario } from "./Scenario";
import { scenarios } from "./scenarios";

const FULL: Effort = { rounds: 5, seconds: 1, warmUp: 5 };
const FULL_GROWTH: Effort = { rounds: 1, seconds: 1, warmUp: 5 };
/** Enough to see whether all is stored, and nothing of times. */
const QUICK: Effort = { rounds: 1, seconds: 0.25, warmUp: 0 };

/** Scenarios that run on the same applications. */
export interface Part {
  readonly scenarios: readonly Scenario[];
  /** Added to the environment of the applications. */
  readonly env: Readonly<Record<string, string>>;
  readonly effort: Effort;
}

/** What a run measures. */
export interface Plan {
  /** Whether it is all there is, measured as long as it should. */
  readonly full: boolean;
  readonly comparisons: Part;
  readonly growth: Part;
}

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
  const chosen = (all: readonly Scenario[]) =>
    all
      // A scenario that is asked for by name runs quickly, too.
      .filter((scenario) => scenario.quick || !quick || part !== "")
      .filter(({ name }) => name.includes(part));
  const sizes = growths.flatMap((growth) =>
    growth.sizes.map((size) => toScenario(growth, size)),
  );
  const plan: Plan = {
    comparisons: {
      effort: quick ? QUICK : FULL,
      env: {},
      scenarios: chosen(scenarios),
    },
    full: !quick && part === "",
    growth: {
      effort: quick ? QUICK : FULL_GROWTH,
      env: environment,
      scenarios: chosen(sizes),
    },
  };
  if (plan.comparisons.scenarios.length + plan.growth.scenarios.length === 0) {
    const names = [...scenarios, ...sizes].map(({ name }) => `\n    ${name}`);
    throw new Unmet(
      `No scenario has this in its name: ${part}`,
      `Scenarios:${names.join("")}`,
    );
  }

  return plan;
}
