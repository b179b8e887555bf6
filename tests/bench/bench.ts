// `npm run bench`: native, and the plugin in each of its modes, in turns. With `--quick`, or a part
// of a scenario's name, it runs less of it, and docs/benchmarks.md stays as it is. Ends with 1 when
// an acknowledged update is lost, or one fails that should not.
import { run, Unmet } from "../../scripts/fail.mjs";
import { compare, type Comparison, type Effort } from "./compare";
import { Checks } from "./Checks";
import { APPLICATIONS } from "./Scenario";
import { scenarios } from "./scenarios";
import { Stack } from "./Stack";

const FULL: Effort = { rounds: 8, seconds: 1.5 };
const QUICK: Effort = { rounds: 1, seconds: 0.3 };

interface Wanted {
  readonly quick: boolean;
  /** Part of the names of scenarios. */
  readonly part: string;
}

function readWanted(words: readonly string[]): Wanted {
  const quick = words.includes("--quick");
  const part = words.filter((word) => word !== "--quick").join(" ");
  if (part.startsWith("-")) {
    throw new Unmet(
      `Expected --quick, or a part of a scenario's name, found: ${part}`,
      'Usage: npm run bench -- "hot document"',
    );
  }

  return { part, quick };
}

async function bench({ part, quick }: Wanted): Promise<number> {
  const elasticsearchUrl = String(process.env["ELASTICSEARCH_URL"]);
  const effort = quick ? QUICK : FULL;
  const chosen = scenarios.filter(
    (scenario) =>
      scenario.name.includes(part) && (scenario.quick || !quick || part),
  );
  const checks = new Checks();
  const comparisons: Comparison[] = [];
  const stack = await Stack.start(elasticsearchUrl, APPLICATIONS);
  try {
    for (const scenario of chosen) {
      process.stdout.write(`\n${scenario.name}\n`);
      const note = checks.noting(scenario.name);
      comparisons.push(await compare(stack, scenario, effort, note));
    }
  } finally {
    await stack.stop();
  }

  return checks.report();
}

void run(() => bench(readWanted(process.argv.slice(2)))).then(() =>
  process.exit(),
);
