// `npm test`, or another plan that is named as its argument: runs the steps, each of which prints a line
// when it has ended, and more if it has failed. The last line has the totals.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { build } from "./build.mjs";
import { ensureDependencies } from "./dependencies.mjs";
import { run, Unmet } from "./fail.mjs";
import { interruption } from "./interruption.mjs";
import { root } from "./paths.mjs";
import { plans } from "./plans.mjs";
import { requirePrerequisites } from "./prerequisites.mjs";
import { startServices } from "./services/index.mjs";
import { supervise } from "./supervise.mjs";

/** Characters of the output of a failed step. */
const MAX_OUTPUT = 40_000;
const begun = Date.now();
const all = noResults();
/** The steps that run, each with a function that ends it. @type {Map<string, () => Promise<void>>} */
const running = new Map();
let stopServices = async () => {};

await run(async () => {
  const [name = "test"] = process.argv.slice(2);
  const plan = plans[name];
  if (plan === undefined) {
    throw new Unmet(`Unknown plan ${name}.`, Object.keys(plans).join(", "));
  }
  const reminder = setInterval(() => {
    console.log(`… ${[...running.keys()].join(", ")} (${secondsSince(begun)})`);
  }, 60_000);
  try {
    const why = await Promise.race([runPlan(plan), interruption()]);
    if (why !== undefined) {
      throw new Unmet("Interrupted.", why);
    }
  } catch (error) {
    // A plan that is cut short has failed.
    all.failed.push(`the plan ${name} was cut short`);
    throw error;
  } finally {
    clearInterval(reminder);
    await Promise.all([...running.values()].map((stop) => stop()));
    await stopServices();
  }
  return Math.min(all.failed.length, 1);
});

console.log(`  ${"all, side by side".padEnd(20)} ${secondsSince(begun)}\n`);
for (const reason of new Set(all.skipped)) {
  console.log(`skipped: ${reason}`);
}
for (const name of all.failed) {
  console.log(`failed: ${name}`);
}
console.log(inWords(all));
process.exit();

/** @param {import("./plans.mjs").Plan} plan */
async function runPlan({ phases, services, shares }) {
  await requirePrerequisites({ services });
  await ensureDependencies();
  // The demo and the tests import the package by its name, so it is built here, once.
  await build();
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, PLUGIN_IS_BUILT: "true" };
  if (shares) {
    // Each step has its own Redis, because Kuzzle nodes that share one form a cluster.
    const onStart = (/** @type {typeof stopServices} */ stop) =>
      (stopServices = stop);
    env["ELASTICSEARCH_URL"] = (await startServices(onStart)).elasticsearchUrl;
  }

  for (const lanes of phases) {
    // With one Redis for all, the steps run one after another.
    const turns = env["REDIS_URL"] ? [lanes.flat()] : lanes;
    await Promise.all(
      turns.map(async (steps) => {
        for (const step of steps) {
          await runStep(
            typeof step === "string" ? { script: step } : step,
            env,
          );
        }
      }),
    );
  }
}

/**
 * Runs a step, and prints what came of it. One that runs no tests counts as one test.
 *
 * @param {import("./plans.mjs").Step} step
 * @param {NodeJS.ProcessEnv} env
 */
async function runStep({ env: more, minutes = 15, script }, env) {
  const started = Date.now();
  const supervisor = await supervise();
  // It deletes the folder.
  const path = `${supervisor.folder}/results`;
  mkdirSync(supervisor.folder, { recursive: true });
  const child = spawn("npm", ["run", "--silent", ...script.split(" ")], {
    cwd: root,
    // A group of its own, which the supervisor ends.
    detached: true,
    env: { ...env, ...more, TEST_RESULTS: path },
    stdio: ["ignore", "pipe", "pipe"],
  });
  supervisor.adopt(child.pid);
  running.set(script, supervisor.stop);
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  child.stderr.on("data", (data) => (output += data));
  const timer = setTimeout(() => {
    output += `\n${script} was ended after ${minutes} minutes.`;
    void supervisor.stop();
  }, minutes * 60_000);

  const closed = once(child, "close");
  const [code] = await once(child, "exit");
  clearTimeout(timer);
  const parts = existsSync(path)
    ? readFileSync(path, "utf8").split("\n").filter(Boolean)
    : [];
  await supervisor.stop();
  // What the step has left behind, beyond its group, may keep its output open.
  await Promise.race([closed, sleep(5_000)]);
  running.delete(script);

  const results = noResults();
  parts.forEach((part) => add(results, JSON.parse(part)));
  if (code !== 0 && results.failed.length === 0) {
    results.failed.push(`ended with ${code ?? "a signal"}`);
  } else if (code === 0 && parts.length === 0) {
    results.passed = 1;
  }
  add(all, results, `${script} > `);
  const isBad = results.failed.length > 0;
  if (isBad) {
    console.log(`\n── ${script}\n${output.slice(-MAX_OUTPUT).trimEnd()}`);
  }
  console.log(
    `${isBad ? "✖" : "✔"} ${script.padEnd(20)} ${secondsSince(started)}  ${inWords(results)}`,
  );
}

/** @typedef {import("../tests/support/reporter.mjs").Results} Results */

/** @returns {Results} */
function noResults() {
  return { failed: [], passed: 0, skipped: [] };
}

/** @param {Results} sum @param {Results} part @param {string} [path] of its tests */
function add(sum, { failed, passed, skipped }, path = "") {
  sum.failed.push(...failed.map((name) => `${path}${name}`));
  sum.passed += passed;
  sum.skipped.push(...skipped);
}

/** @param {Results} results */
function inWords({ failed, passed, skipped }) {
  return `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`;
}

/** @param {number} time */
function secondsSince(time) {
  return `${Math.round((Date.now() - time) / 1000)} s`.padStart(6);
}
