import { execFileSync } from "node:child_process";
import { readdir, readFile, rm } from "node:fs/promises";

import { runsFolder } from "./keep.mjs";

/**
 * @typedef {object} Identity identifies a process, even if its pid is used again by another one
 * @property {number} pid
 * @property {string} mark part of its command line that no other process has
 */

/**
 * Ends the processes of keepers that were killed, and deletes their data. Runs whose keeper is alive, or
 * may be, are left alone.
 */
export async function sweepLeftovers() {
  for (const run of await readdir(runsFolder).catch(() => [])) {
    const folder = `${runsFolder}/${run}`;
    try {
      await sweep(folder);
    } catch (error) {
      console.warn(`Could not clean up ${folder}:`, error);
    }
  }
}

/** @param {string} folder of a run */
async function sweep(folder) {
  const [keeper, ...processes] = await readIdentities(folder);
  if (keeper === undefined || stateOf(keeper) !== "gone") {
    return;
  }

  for (const each of processes) {
    if (stateOf(each) === "alive") {
      process.kill(each.pid, "SIGKILL");
    }
  }
  await cleanUp(folder);
  await rm(folder, { force: true, recursive: true });
}

/**
 * @param {string} folder
 * @returns {Promise<Identity[]>} the keeper first; empty if the keeper has not written the file yet
 */
async function readIdentities(folder) {
  try {
    return JSON.parse(await readFile(`${folder}/processes.json`, "utf8"));
  } catch {
    return [];
  }
}

/**
 * Runs the cleanup commands of a run's plan, after its processes have ended.
 *
 * @param {string} folder
 */
export async function cleanUp(folder) {
  /** @type {import("./keep.mjs").Plan} */
  const plan = JSON.parse(await readFile(`${folder}/plan.json`, "utf8"));
  for (const { cleanup, env } of plan.processes) {
    if (cleanup) {
      execFileSync(cleanup.file, cleanup.args, {
        env: { ...process.env, ...env },
        stdio: "ignore",
      });
    }
  }
}

/**
 * @param {Identity} identity
 * @returns {"alive" | "gone" | "unknown"} unknown: a process has this pid, and `ps` cannot tell whether
 * it is the same one
 */
function stateOf({ mark, pid }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    return code === "ESRCH" ? "gone" : "unknown";
  }

  try {
    const args = ["-ww", "-o", "args=", "-p", String(pid)];
    const commandLine = execFileSync("ps", args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return commandLine.includes(mark) ? "alive" : "gone";
  } catch {
    return "unknown";
  }
}
