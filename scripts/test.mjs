// `npm test`, or another plan that is named as its argument: runs the steps, each of which prints a line
// when it has ended, and more if it has failed. The last line has the totals.
import { once } from "node:events";
import { readFile } from "node:fs/promises";

import { build, ensureDependencies } from "./dependencies.mjs";
import { run, Unmet } from "./fail.mjs";
import { root } from "./paths.mjs";
import { plans } from "./plans.mjs";
import { requirePrerequisites } from "./prerequisites.mjs";
import { startServices } from "./services/index.mjs";
import { supervise } from "./supervise.mjs";
import { inWords } from "../tests/support/reporter.mjs";

/** Characters of the output of a failed step. */
const MAX_OUTPUT = 40_000;
const begun = Date.now();
/** Of the steps that have ended. @type {Results[]} */
const all = [];

await run(async (interruption) => {
  const [name = "test"] = process.argv.slice(2);
  const plan = plans[name];
  if (plan === undefined) {
    throw new Unmet(`Unknown plan ${name}.`, Object.keys(plans).join(", "));
  }
  Object.assign(process.env, plan.env);
  await requirePrerequisites(plan);
  await ensureDependencies();
  // The demo and the tests import the package by its name, so it is built here, once.
  await build();
  await runPlan(plan, interruption);

  const results = sum(all);
  console.log(`  ${"all, side by side".padEnd(20)} ${secondsSince(begun)}\n`);
  for (const reason of new Set(results.skipped)) {
    console.log(`skipped: ${reason}`);
  }
  for (const failure of results.failed) {
    console.log(`failed: ${failure}`);
  }
  console.log(inWords(results));
  return Math.min(results.failed.length, 1);
});

/**
 * @param {import("./plans.mjs").Plan} plan
 * @param {AbortSignal} interruption
 */
async function runPlan({ minutes = 15, phases, shares }, interruption) {
  if (shares) {
    // Each step has its own Redis, because Kuzzle nodes that share one form a cluster.
    const { elasticsearchUrl } = await startServices();
    process.env["ELASTICSEARCH_URL"] = elasticsearchUrl;
  }

  for (const lanes of phases) {
    // With one Redis for all, the steps run one after another.
    const turns = process.env["REDIS_URL"] ? [lanes.flat()] : lanes;
    await Promise.all(
      turns.map(async (steps) => {
        for (const each of steps) {
          const step = typeof each === "string" ? { script: each } : each;
          await runStep(step, minutes, interruption);
        }
      }),
    );
  }
}

/**
 * Runs a step, and prints what came of it. One that runs no tests counts as one test.
 *
 * @param {import("./plans.mjs").Step} step
 * @param {number} minutes after which it is ended, and has failed
 * @param {AbortSignal} interruption
 */
async function runStep({ env, script }, minutes, interruption) {
  const started = Date.now();
  const supervisor = await supervise();
  const log = `${supervisor.folder}/log`;
  const path = `${supervisor.folder}/results`;
  const child = supervisor.start({
    args: ["run", "--silent", ...script.split(" ")],
    cwd: root,
    env: { ...env, TEST_RESULTS: path },
    file: "npm",
    log,
  });
  let late = "";
  const timer = setTimeout(() => {
    late = `\n${script} was ended after ${minutes} minutes.`;
    process.kill(-Number(child.pid), "SIGKILL");
  }, minutes * 60_000);

  const [code] = await once(child, "exit", { signal: interruption });
  clearTimeout(timer);
  const output = (await readFile(log, "utf8")).trimEnd() + late;
  const reported = await readFile(path, "utf8").catch(() => "");
  const parts = reported.split("\n").filter(Boolean);
  await supervisor.stop();

  const results = sum(parts.map((part) => JSON.parse(part)));
  results.failed = results.failed.map((test) => `${script} > ${test}`);
  if ((late || code !== 0) && results.failed.length === 0) {
    results.failed.push(`${script} ended with ${code ?? "a signal"}`);
  } else if (parts.length === 0) {
    results.passed = 1;
  }
  all.push(results);
  const isBad = results.failed.length > 0;
  if (isBad) {
    console.log(`\n── ${script}\n${output.slice(-MAX_OUTPUT)}`);
  }
  console.log(
    `${isBad ? "✖" : "✔"} ${script.padEnd(20)} ${secondsSince(started)}  ${inWords(results)}`,
  );
}

/** @typedef {import("../tests/support/reporter.mjs").Results} Results */

/** @param {readonly Results[]} parts @returns {Results} */
function sum(parts) {
  return {
    failed: parts.flatMap(({ failed }) => failed),
    passed: parts.reduce((total, { passed }) => total + passed, 0),
    skipped: parts.flatMap(({ skipped }) => skipped),
  };
}

/** @param {number} time */
function secondsSince(time) {
  return `${Math.round((Date.now() - time) / 1000)} s`.padStart(6);
}
