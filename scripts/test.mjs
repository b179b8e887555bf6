// `npm test`, and with another plan's name as its argument that plan: runs its steps, and ends with
// how long each took, the tests that failed, and one line that sums all of it.
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
/** Longest wait for the steps that are told to end. */
const STOP_TIMEOUT_MS = 30_000;
const begun = Date.now();
/** @type {StepResult[]} */
const results = [];
/** The steps that are under way, each with what ends it. @type {Map<string, () => void>} */
const running = new Map();
/** @type {() => Promise<void>} */
let stopServices = async () => {};
let stopping = false;
/** What did not run did not pass. */
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
  // The demo and the tests import the package by its name: what is built, here and once.
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
 * Starts Elasticsearch for all steps. Kuzzle nodes on one Redis are one cluster: each step starts a
 * Redis of its own, unless one is given.
 *
 * @returns {Promise<Record<string, string>>} what tells the steps where it is
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
  // Whoever gives one Redis for all has the steps take turns.
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
 * Runs one step. What it prints comes at once where it is alone, else in one piece when it has ended.
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
