// `npm test`: every check, fast ones first, with the services that they need; then what passed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { build } from "./build.mjs";
import { ensureDependencies } from "./dependencies.mjs";
import { run } from "./fail.mjs";
import { failedTests } from "./failedTests.mjs";
import { interruption } from "./interruption.mjs";
import { root } from "./paths.mjs";
import { requirePrerequisites } from "./prerequisites.mjs";
import { startServices } from "./services/index.mjs";

/** Scripts of package.json that need no services. Those that run no tests count as one. */
const OFFLINE = ["format:check", "lint", "typecheck", "test:unit"];
/** Those that do. */
const LIVE = [
  "test:demo",
  "test:package",
  "test:conformance",
  "test:contention",
  "test:elasticsearch",
  "test:kuzzle",
  "test:fuzz",
  "test:cluster",
  "test:faults",
  "soak -- 2",
  "bench -- --quick",
  "test:features",
];

const tally = { failed: 0, passed: 0, skipped: 0 };
/** Names of the tests that failed. @type {string[]} */
const failedNames = [];
/** @type {() => Promise<void>} */
let stopServices = async () => {};
/** @type {import("node:child_process").ChildProcess | undefined} */
let running;

await run(async () => {
  await requirePrerequisites();
  const interrupted = interruption().then(() => {
    throw new Error("Interrupted.");
  });

  try {
    await Promise.race([interrupted, runAll()]);
  } catch (error) {
    // What did not run did not pass.
    tally.failed++;
    throw error;
  } finally {
    running?.kill();
    await stopServices();
  }

  return tally.failed === 0 ? 0 : 1;
});
for (const name of failedNames) {
  console.log(`failed: ${name}`);
}
console.log(
  `${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`,
);
process.exit();

async function runAll() {
  await ensureDependencies();
  // The demo and the tests import the package by its name: what is built.
  await build();
  for (const script of OFFLINE) {
    await runScript(script, process.env);
  }

  const services = await startServices((stop) => {
    stopServices = stop;
  });
  const env = {
    ...process.env,
    ELASTICSEARCH_URL: services.elasticsearchUrl,
    REDIS_URL: services.redisUrl,
  };
  for (const script of LIVE) {
    await runScript(script, env);
  }
}

/**
 * Runs a script of package.json and adds what it counted to the tally.
 *
 * @param {string} script
 * @param {NodeJS.ProcessEnv} env
 */
async function runScript(script, env) {
  console.log(`\n── npm run ${script}`);
  const child = spawn("npm", ["run", "--silent", ...script.split(" ")], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  running = child;

  const counted = { cancelled: 0, fail: 0, pass: 0, skipped: 0 };
  let counts = false;
  const failed = failedTests(script);
  for await (const line of createInterface({ input: child.stdout })) {
    console.log(line);
    failed.read(line);
    // The closing lines of node:test, in either of its formats.
    const count = /^(?:#|ℹ) (pass|fail|cancelled|skipped) (\d+)$/.exec(line);
    if (count) {
      counted[/** @type {keyof typeof counted} */ (count[1])] += Number(
        count[2],
      );
      counts = true;
    }
  }
  const code = child.exitCode ?? (await once(child, "exit"))[0];

  const failures = counted.fail + counted.cancelled;
  tally.passed += counts ? counted.pass : Number(code === 0);
  tally.skipped += counted.skipped;
  // A suite can fail without any of its tests, and so can the coverage.
  tally.failed += failures > 0 ? failures : Number(code !== 0);
  failedNames.push(...failed.names);
}
