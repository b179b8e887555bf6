// `npm run bench`: native, and the plugin in each of its modes, in turns. All of it writes
// docs/benchmarks.md; with `--quick`, or a part of a scenario's name, less is run, and written to
// reports/bench. Ends with 1 when an acknowledged update is lost, or one fails that should not.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";

import { run } from "../../scripts/fail.mjs";
import { root } from "../../scripts/paths.mjs";
import { drawCharts } from "./charts";
import { Checks } from "./Checks";
import { compare, type Comparison, type Effort } from "./compare";
import { environment } from "./growth";
import { toPage } from "./page";
import { type Plan, readPlan } from "./Plan";
import { describePlatform, type Platform } from "./platform";
import { type ApplicationName, APPLICATIONS, type Scenario } from "./Scenario";
import { Stack } from "./Stack";
import { takeTurn } from "./takeTurn";

const elasticsearchUrl = String(process.env["ELASTICSEARCH_URL"]);

/** Runs scenarios one after another, on applications of their own. */
async function measure(
  scenarios: readonly Scenario[],
  applications: readonly ApplicationName[],
  env: Record<string, string>,
  effort: Effort,
  checks: Checks,
): Promise<{ comparisons: Comparison[]; platform: Platform }> {
  const stack = await Stack.start(elasticsearchUrl, applications, env);
  try {
    const platform = await describePlatform(await stack.info());
    await warmUp(stack, scenarios, effort.warmUp);
    const comparisons: Comparison[] = [];
    for (const scenario of scenarios) {
      process.stdout.write(`\n${scenario.name}\n`);
      comparisons.push(
        await compare(stack, scenario, effort, checks.noting(scenario.name)),
      );
    }
    return { comparisons, platform };
  } finally {
    await stack.stop();
  }
}

/** Has every contender at work for a while: compilers are not done for longer than a round. */
async function warmUp(
  stack: Stack,
  scenarios: readonly Scenario[],
  seconds: number,
): Promise<void> {
  if (seconds === 0) {
    return;
  }
  // Each under the first scenario that it stands in.
  const byContender = new Map(
    scenarios
      .slice()
      .reverse()
      .flatMap((scenario) =>
        scenario.contenders.map((contender) => [contender, scenario] as const),
      ),
  );
  for (const [contender, scenario] of byContender) {
    const site = await stack.site(contender, scenario.apart);
    await takeTurn(contender, scenario, site, seconds);
  }
}

async function bench(plan: Plan): Promise<number> {
  const checks = new Checks();
  const comparisons: Comparison[] = [];
  let platform: Platform = [];
  if (plan.comparisons.length > 0) {
    const measured = await measure(
      plan.comparisons,
      APPLICATIONS,
      {},
      plan.effort,
      checks,
    );
    comparisons.push(...measured.comparisons);
    platform = measured.platform;
  }
  if (plan.growth.length > 0) {
    const measured = await measure(
      plan.growth,
      ["native", "plugin"],
      environment,
      plan.growthEffort,
      checks,
    );
    comparisons.push(...measured.comparisons);
    platform = measured.platform;
  }
  await write(plan, comparisons, platform);

  return checks.report();
}

async function write(
  { effort, full, growthEffort }: Plan,
  comparisons: readonly Comparison[],
  platform: Platform,
): Promise<void> {
  const byName = new Map(comparisons.map((each) => [each.scenario.name, each]));
  const find = (name: string) => byName.get(name);
  const folder = full ? `${root}docs` : `${root}reports/bench`;
  const page = await toPage({
    charts: "benchmarks",
    comparisons,
    effort,
    find,
    growthEffort,
    findings: await readFile(`${root}tests/bench/findings.md`, "utf8"),
    platform,
  });
  await rm(`${folder}/benchmarks`, { force: true, recursive: true });
  await mkdir(`${folder}/benchmarks`, { recursive: true });
  await writeFile(`${folder}/benchmarks.md`, page);
  for (const [name, svg] of Object.entries(drawCharts(find))) {
    await writeFile(`${folder}/benchmarks/${name}.svg`, svg);
  }
  process.stdout.write(`\nWritten to ${folder}/benchmarks.md\n`);
}

void run(() => bench(readPlan(process.argv.slice(2)))).then(() =>
  process.exit(),
);
