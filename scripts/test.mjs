// `npm test`, or another test plan that is named as its argument: runs the steps, then prints how long
// each took, the tests that failed, and one line with the totals.
import { setTimeout as sleep } from "node:timers/promises";

import { build } from "./build.mjs";
import { ensureDependencies } from "./dependencies.mjs";
import { run, Unmet } from "./fail.mjs";
import { interruption } from "./interruption.mjs";
import { requirePrerequisites } from "./prerequisites.mjs";
import { runStep } from "./runStep.mjs";
import { startServices } from "./services/index.mjs";
import { testPlans } from "./testPlans.mjs";
import { toTimeTable } from "./timeTable.mjs";

/** @typedef {import("./runStep.mjs").StepResult} StepResult */

const REMINDER_MS = 60_000;
/** Timeout for steps that are told to end. */
const STOP_TIMEOUT_MS = 30_000;
const begun = Date.now();
/** @type {StepResult[]} */
const results = [];
/** The running steps, each with a function that ends it. @type {Map<string, () => void>} */
const running = new Map();
/** @type {() => Promise<void>} */
let stopServices = async () => {};
let stopping = false;
/** Counts as a failure: 1 until all steps have run. */
let cutShort = 1;

await run(async () => {
  const [name = "test"] = process.argv.slice(2);
  const plan = testPlans[name];
  if (plan === undefined) {
    throw new Unmet(
      `Unknown plan ${name}.`,
      `Usage: node scripts/test.mjs ${Object.keys(testPlans).join("|")}`,
    );
  }
  const interrupted = interruption().then((reason) => {
    throw new Unmet("Interrupted.", reason);
  });

  const all = runPlan(plan);
  try {
    await Promise.race([interrupted, all]);
    cutShort = 0;
  } finally {
    stopping = true;
    if (running.size > 0) {
      for (const end of running.values()) {
        end();
      }
      await Promise.race([all.catch(() => {}), sleep(STOP_TIMEOUT_MS)]);
    }
    await stopServices();
  }

  return results.every(({ failed }) => failed === 0) ? 0 : 1;
});

console.log(`\n${toTimeTable(results, (Date.now() - begun) / 1000)}\n`);
for (const { failedNames } of results) {
  for (const name of failedNames) {
    console.log(`failed: ${name}`);
  }
}
console.log(
  `${sum("passed")} passed, ${sum("failed") + cutShort} failed, ${sum("skipped")} skipped`,
);
process.exit();

/** @param {readonly import("./testPlans.mjs").Phase[]} phases */
async function runPlan(phases) {
  const live = phases.some((phase) => phase.live);
  await requirePrerequisites({ services: live });
  await ensureDependencies();
  // The demo and the tests import the package by its name, so it is built here, once.
  await build();
  const env = { ...process.env, PLUGIN_IS_BUILT: "true" };

  /** @type {Record<string, string> | undefined} */
  let liveEnv;
  for (const { lanes, live } of phases) {
    if (stopping) {
      return;
    }
    if (live) {
      liveEnv ??= await services();
    }
    await runLanes(lanes, { ...env, ...(live && liveEnv) });
  }
}

/**
 * Starts one Elasticsearch for all steps. Each step starts its own Redis, unless REDIS_URL names one,
 * because Kuzzle nodes that share a Redis form a cluster.
 *
 * @returns {Promise<Record<string, string>>} environment variables with its address
 */
async function services() {
  const { elasticsearchUrl } = await startServices((stop) => {
    stopServices = stop;
  });

  return { ELASTICSEARCH_URL: elasticsearchUrl };
}

/**
 * @param {readonly (readonly string[])[]} lanes
 * @param {NodeJS.ProcessEnv} env
 */
async function runLanes(lanes, env) {
  // With one Redis for all, the steps run one after another.
  const turns = env["REDIS_URL"] ? [lanes.flat()] : lanes;
  const alone = turns.length === 1;
  const reminder = setInterval(() => {
    if (!alone) {
      console.log(`… ${[...running.keys()].join(", ")} (${sinceBegun()})`);
    }
  }, REMINDER_MS);

  try {
    await Promise.all(
      turns.map(async (scripts) => {
        for (const script of scripts) {
          if (!stopping) {
            await runScript(script, env, alone);
          }
        }
      }),
    );
  } finally {
    clearInterval(reminder);
  }
}

/**
 * Runs one step. Its output is printed at once if it runs alone, otherwise in one piece at its end.
 *
 * @param {string} script
 * @param {NodeJS.ProcessEnv} env
 * @param {boolean} alone
 */
async function runScript(script, env, alone) {
  console.log(`\n… npm run ${script} (${sinceBegun()})`);
  /** @type {string[]} */
  const lines = [];
  const print = alone
    ? console.log
    : (/** @type {string} */ line) => void lines.push(line);

  const result = await runStep(script, env, print, (end) =>
    running.set(script, end),
  );
  running.delete(script);
  results.push(result);

  const { failed, passed, seconds, skipped } = result;
  const mark = failed === 0 ? "✔" : "✖";
  lines.unshift(`\n── npm run ${script}`);
  lines.push(
    `${mark} npm run ${script}: ${seconds.toFixed(0)} s, ${passed} passed, ${failed} failed, ${skipped} skipped`,
  );
  console.log(lines.join("\n"));
}

function sinceBegun() {
  return `after ${((Date.now() - begun) / 1000).toFixed(0)} s`;
}

/** @param {"failed" | "passed" | "skipped"} key */
function sum(key) {
  return results.reduce((total, result) => total + result[key], 0);
}
