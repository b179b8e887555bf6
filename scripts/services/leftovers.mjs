import { execFileSync } from "node:child_process";
import { readdir, readFile, rm } from "node:fs/promises";

import { runsFolder } from "./keep.mjs";

/**
 * @typedef {object} Identity a process that cannot be mistaken for another of the same number
 * @property {number} pid
 * @property {string} started
 */

/**
 * @param {number} pid
 * @returns {Identity}
 */
export function identify(pid) {
  return { pid, started: startOf(pid) };
}

/**
 * Ends what a keeper that was killed left running, and deletes its data. Runs whose keeper lives
 * are left alone.
 */
export async function sweepLeftovers() {
  for (const run of await readdir(runsFolder).catch(() => [])) {
    const folder = `${runsFolder}/${run}`;
    const [keeper, ...processes] = await readIdentities(folder);
    if (keeper === undefined || isAlive(keeper)) {
      continue;
    }

    for (const each of processes.filter(isAlive)) {
      process.kill(each.pid, "SIGKILL");
    }
    await cleanUp(folder);
    await rm(folder, { force: true, recursive: true });
  }
}

/**
 * @param {string} folder
 * @returns {Promise<Identity[]>}
 */
async function readIdentities(folder) {
  try {
    return JSON.parse(await readFile(`${folder}/processes.json`, "utf8"));
  } catch {
    return [];
  }
}

/**
 * Runs what the plan of a run wants done after its processes have ended.
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

/** @param {Identity} identity */
function isAlive({ pid, started }) {
  return started !== "" && startOf(pid) === started;
}

/**
 * @param {number} pid
 * @returns {string} when it started, empty when there is no such process
 */
function startOf(pid) {
  try {
    const args = ["-o", "lstart=", "-p", String(pid)];
    return execFileSync("ps", args, {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C" },
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "";
  }
}
