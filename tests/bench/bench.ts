// `npm run bench`: native, and the plugin in each of its modes, in turns. All of it writes
// docs/benchmarks.md, docs/benchmarks/, docs/maintainers/benchmarks.md and the figures that other pages
// quote; with `--quick`, or a part of a scenario's name, less is run, and written to reports/bench, as is a
// run that has failed. Prints which goals are met. Ends with 1 when an acknowledged update is lost, or one
// fails that should not.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";

import { run } from "../../scripts/fail.mjs";
import { root } from "../../scripts/paths.mjs";
import { drawCharts } from "./charts";
import { Checks } from "./Checks";
import type { Comparison } from "./Comparison";
import { toDetails } from "./details";
import { measure } from "./measure";
import { toPage } from "./page";
import { type Plan, readPlan } from "./Plan";
import type { Platform } from "./platform";
import { writeQuotes } from "./quotes";
import { goalLines } from "./tables";

const elasticsearchUrl = String(process.env["ELASTICSEARCH_URL"]);

async function bench(plan: Plan): Promise<number> {
  const checks = new Checks();
  const comparisons: Comparison[] = [];
  let platform: Platform = [];
  for (const part of [plan.comparisons, plan.growth]) {
    if (part.scenarios.length > 0) {
      const measured = await measure(part, elasticsearchUrl, checks);
      comparisons.push(...measured.comparisons);
      platform = measured.platform;
    }
  }
  const full = plan.full && !checks.hasFailed;
  await write({ ...plan, full }, comparisons, platform);

  return checks.report();
}

async function write(
  { comparisons: { effort }, full, growth }: Plan,
  comparisons: readonly Comparison[],
  platform: Platform,
): Promise<void> {
  const byName = new Map(comparisons.map((each) => [each.scenario.name, each]));
  const find = (name: string) => byName.get(name);
  const folder = full ? `${root}docs` : `${root}reports/bench`;
  const details = await toDetails({
    comparisons,
    effort,
    find,
    findings: await readFile(`${root}tests/bench/findings.md`, "utf8"),
    growthEffort: growth.effort,
  });
  await rm(`${folder}/benchmarks`, { force: true, recursive: true });
  await mkdir(`${folder}/benchmarks`, { recursive: true });
  await writeFile(`${folder}/benchmarks.md`, await toPage(find, platform));
  await mkdir(`${folder}/maintainers`, { recursive: true });
  await writeFile(`${folder}/maintainers/benchmarks.md`, details);
  for (const [name, svg] of Object.entries(drawCharts(find))) {
    await writeFile(`${folder}/benchmarks/${name}.svg`, svg);
  }
  if (full) {
    await writeQuotes();
  }
  if (effort.warmUp > 0) {
    process.stdout.write(`\nGoals\n${goalLines(find).join("\n")}\n`);
  }
  process.stdout.write(`\nWritten to ${folder}/benchmarks.md\n`);
}

void run(() => bench(readPlan(process.argv.slice(2)))).then(() =>
  process.exit(),
);
