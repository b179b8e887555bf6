import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { failedTests } from "./failedTests.mjs";
import { root } from "./paths.mjs";

/**
 * @typedef {object} StepResult what came of a script of package.json
 * @property {string} script
 * @property {number} seconds
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {readonly string[]} failedNames of its tests
 */

/**
 * Runs a package.json script to its end. A script that runs no tests counts as one test.
 *
 * @param {string} script with its arguments
 * @param {NodeJS.ProcessEnv} env
 * @param {(line: string) => void} print
 * @param {(end: () => void) => void} onStart receives a function that ends the script early
 * @returns {Promise<StepResult>}
 */
export async function runStep(script, env, print, onStart) {
  const started = Date.now();
  const child = spawn("npm", ["run", "--silent", ...script.split(" ")], {
    cwd: root,
    // In its own process group, so that a signal reaches all of its processes.
    detached: true,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  onStart(() => {
    if (child.exitCode === null && child.signalCode === null) {
      process.kill(-Number(child.pid), "SIGTERM");
    }
  });
  const ended = once(child, "close");

  const counted = { cancelled: 0, fail: 0, pass: 0, skipped: 0 };
  let counts = false;
  const failed = failedTests(script);
  createInterface({ input: child.stderr }).on("line", print);
  for await (const line of createInterface({ input: child.stdout })) {
    print(line);
    failed.read(line);
    // The summary lines of node:test, in either of its formats.
    const count = /^(?:#|ℹ) (pass|fail|cancelled|skipped) (\d+)$/.exec(line);
    if (count) {
      counted[/** @type {keyof typeof counted} */ (count[1])] += Number(
        count[2],
      );
      counts = true;
    }
  }
  const [code] = await ended;
  const failures = counted.fail + counted.cancelled;

  return {
    // A suite can fail although all of its tests pass, and so can the coverage check.
    failed: failures > 0 ? failures : Number(code !== 0),
    failedNames: failed.names,
    passed: counts ? counted.pass : Number(code === 0),
    script,
    seconds: (Date.now() - started) / 1000,
    skipped: counted.skipped,
  };
}
