// Run by supervise.mjs: ends what it has started or adopted when the process that started it says so, or
// is gone.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, openSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { runsFolder } from "./paths.mjs";

/** Kuzzle may take as long to answer its last requests. */
const STOP_TIMEOUT_MS = 15_000;
// By its name the next run finds out whether the supervisor is alive.
const folder = `${runsFolder}/${process.pid}`;
/** @type {number[]} */
const leaders = [];
/** @type {(() => void)[]} */
const cleanups = [];
/** @type {Promise<void> | undefined} */
let stopped;

process.on("message", (/** @type {any} */ { adopt, ...command }) => {
  if (adopt) {
    leaders.push(adopt);
  } else {
    start(command);
  }
});
for (const event of ["disconnect", "SIGHUP", "SIGINT", "SIGTERM"]) {
  // More than once: it goes on.
  process.on(event, () => (stopped ??= stop()));
}
tell(folder);

/** Tells its parent, if there still is one. @param {any} message */
function tell(message) {
  process.send?.(message, () => {});
}

/** @param {import("./supervise.mjs").Command} command */
function start({ args, argv0 = "", cleanup, env, file, name, prepare, user }) {
  const options = { env: { ...process.env, ...env } };
  mkdirSync(folder, { recursive: true });
  const log = openSync(`${folder}/${name}.log`, "a");
  if (cleanup) {
    const quiet = { ...options, stdio: /** @type {const} */ ("ignore") };
    cleanups.push(() => execFileSync(cleanup.file, cleanup.args, quiet));
  }
  if (prepare) {
    execFileSync(prepare.file, prepare.args, options);
  }

  const inFolder = (/** @type {string} */ text) =>
    text.replace("{folder}", folder);
  const child = spawn(file, args.map(inFolder), {
    ...options,
    ...user,
    ...(argv0 && { argv0: inFolder(argv0) }),
    detached: true,
    stdio: ["ignore", log, log],
  });
  const ended = () => tell({ name });
  child.once("exit", ended).once("error", ended);
  leaders.push(child.pid ?? 0);
  tell({ name, pid: child.pid });
}

async function stop() {
  await end("SIGTERM");
  await end("SIGKILL");
  rmSync(folder, { force: true, maxRetries: 5, recursive: true });
  cleanups.forEach((cleanup) => cleanup());
  process.exit();
}

/** Sends a signal to the groups that are left, and waits for their end. @param {NodeJS.Signals} signal */
async function end(signal) {
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  let left = leaders.filter((leader) => leader && send(leader, signal));
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(20);
    left = left.filter((leader) => send(leader, 0));
  }
}

/** Tells whether there was a process in the group. @param {number} leader @param {any} signal */
function send(leader, signal) {
  try {
    return process.kill(-leader, signal);
  } catch {
    return false;
  }
}
