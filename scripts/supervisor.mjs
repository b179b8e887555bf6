// Run by supervise.mjs: ends the processes that it is told of when the process that started it says so,
// or is gone.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { runsFolder } from "./paths.mjs";

/** Kuzzle may take as long to answer its last requests. */
const STOP_TIMEOUT_MS = 20_000;
// By its name the next run finds out whether the supervisor is alive.
const folder = `${runsFolder}/${process.pid}`;
/** Pids of the processes, each of which leads a group. @type {number[]} */
const leaders = [];
/** @type {import("./supervise.mjs").Command[]} */
const cleanups = [];
/** @type {Promise<void> | undefined} */
let stopped;

mkdirSync(folder, { recursive: true });
process.on("message", (/** @type {any} */ { cleanup, leader }) => {
  if (cleanup) {
    cleanups.push(cleanup);
  }
  if (leader) {
    leaders.push(leader);
  }
});
for (const event of ["disconnect", "SIGHUP", "SIGINT", "SIGTERM"]) {
  // More than once: it goes on.
  process.on(event, () => (stopped ??= stop()));
}
// Nobody may be left to read it.
process.send?.(folder, () => {});

async function stop() {
  // While a group is there, no other process has the pid of its leader.
  const left = leaders.filter((leader) => send(-leader, 0));
  // A leader ends the others in its own order.
  await end(left, "SIGTERM");
  const groups = left.map((leader) => -leader);
  await end(groups, "SIGKILL");
  rmSync(folder, { force: true, maxRetries: 5, recursive: true });
  for (const { args, file } of cleanups) {
    execFileSync(file, args, { stdio: "ignore" });
  }
  process.exit();
}

/**
 * Sends a signal, and waits for the end of those that it has reached.
 *
 * @param {readonly number[]} targets pids; negative for all of a group
 * @param {NodeJS.Signals} signal
 */
async function end(targets, signal) {
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  let left = targets.filter((target) => send(target, signal));
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(20);
    left = left.filter((target) => send(target, 0));
  }
}

/** Tells whether there was such a process. @param {number} target @param {any} signal */
function send(target, signal) {
  try {
    return process.kill(target, signal);
  } catch {
    return false;
  }
}
