// Run by keep.mjs: starts and ends the services of one run. They end when its stdin is closed, which is
// when the process that started it is done or dead.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { becomesTrue, elasticsearchAnswers, redisAnswers } from "./answers.mjs";
import { cleanUp } from "./leftovers.mjs";

const STOP_TIMEOUT_MS = 15_000;
const LOG_LINES = 15;
/** Java prints many of these lines after the one with the reason. */
const STACK_FRAME = /^\s+at /;

const folder = String(process.argv[2]);
/** @type {import("./keep.mjs").Plan} */
const plan = JSON.parse(await readFile(`${folder}/plan.json`, "utf8"));
/** @type {import("node:child_process").ChildProcess[]} */
const children = [];
let stopping = false;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, stop);
}
process.stdin.once("end", stop).once("error", stop);
createInterface({ input: process.stdin }).on("line", obey);
// The reader may have ended: then stdin is closed as well, which is handled elsewhere.
process.stdout.on("error", () => {});

try {
  for (const each of plan.processes) {
    if (each.prepare) {
      execFileSync(each.prepare.file, each.prepare.args);
    }
    children.push(start(each));
  }
  await writeIdentities();
  await allUp();
  console.log("ready");
} catch (error) {
  if (!stopping) {
    console.log(JSON.stringify(/** @type {Error} */ (error).message));
  }
}

/**
 * Sends a process a signal, or starts it again after it has ended; then says "ready".
 *
 * @param {string} line JSON of an Order
 */
async function obey(line) {
  /** @type {import("./keep.mjs").Order} */
  const { name, signal } = JSON.parse(line);
  const position = plan.processes.findIndex((each) => each.name === name);
  const [child, process_] = [children[position], plan.processes[position]];
  if (child === undefined || process_ === undefined) {
    throw new Error(`The plan has no process ${name}.`);
  }

  if (signal !== undefined) {
    const ended = once(child, "exit");
    child.kill(signal);
    if (signal === "SIGKILL" || signal === "SIGTERM") {
      await ended;
    }
  } else {
    children[position] = start(process_);
    await writeIdentities();
    await allUp();
  }
  console.log("ready");
}

function allUp() {
  return Promise.all([
    up(plan.elasticsearchUrl, (url) =>
      elasticsearchAnswers(url, plan.clusterName),
    ),
    up(plan.redisUrl, redisAnswers),
  ]);
}

/** Writes the processes of the run to a file, the keeper first. */
async function writeIdentities() {
  /** @type {import("./leftovers.mjs").Identity[]} */
  const identities = [
    { mark: folder, pid: process.pid },
    ...plan.processes.map(({ mark }, position) => ({
      mark: inFolder(mark),
      pid: Number(children[position]?.pid),
    })),
  ];
  await writeFile(`${folder}/processes.json`, JSON.stringify(identities));
}

/** @param {string} text */
function inFolder(text) {
  return text.replace("{folder}", folder);
}

/** @param {import("./keep.mjs").Process} process_ */
function start({ args, env, file, name, user }) {
  const log = openSync(`${folder}/${name}.log`, "a");
  const child = spawn(file, args.map(inFolder), {
    env: { ...process.env, ...env },
    stdio: ["ignore", log, log],
    ...user,
  });
  closeSync(log);
  // A command that cannot be started has no process, which `up` notices.
  child.once("error", () => {});

  return child;
}

/**
 * @param {string | undefined} url
 * @param {(url: string) => Promise<boolean>} answers
 */
async function up(url, answers) {
  if (url === undefined) {
    return;
  }
  const dead = () =>
    children.some(
      ({ exitCode, pid, signalCode }) =>
        pid === undefined || exitCode !== null || signalCode !== null,
    );
  const settled = async () => dead() || stopping || answers(url);
  const answered = await becomesTrue(settled, plan.timeout);
  if (!answered || dead()) {
    throw new Error(`${url} did not come up.\n${await logs()}`);
  }
}

async function logs() {
  const all = await Promise.all(
    plan.processes.map(async ({ name }) => {
      const lines = (await readFile(`${folder}/${name}.log`, "utf8"))
        .trimEnd()
        .split("\n")
        .filter((line) => !STACK_FRAME.test(line));
      return [`--- ${name}`, ...lines.slice(-LOG_LINES)].join("\n");
    }),
  );

  return all.join("\n");
}

async function stop() {
  if (stopping) {
    return;
  }
  stopping = true;

  await Promise.all(children.map(end));
  await cleanUp(folder).catch(() => {});
  await rm(folder, { force: true, recursive: true });
  process.exit();
}

/** @param {import("node:child_process").ChildProcess} child */
async function end(child) {
  if (
    child.exitCode !== null ||
    child.signalCode !== null ||
    child.pid === undefined
  ) {
    return;
  }
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await Promise.race([
    ended,
    sleep(STOP_TIMEOUT_MS, undefined, { ref: false }),
  ]);
  child.kill("SIGKILL");
  await ended;
}
