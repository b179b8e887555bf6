import { execFileSync } from "node:child_process";
import { readdir, readFile, rm } from "node:fs/promises";

import { Unmet } from "../fail.mjs";
import { runsFolder } from "../paths.mjs";
import { step } from "../step.mjs";
import { supervise } from "../supervise.mjs";
import { becomesTrue, elasticsearchAnswers, redisAnswers } from "./answers.mjs";

/**
 * @typedef {object} Plan
 * @property {string} title
 * @property {import("../supervise.mjs").Command[]} processes
 * @property {number} timeout ms until the services have to answer
 * @property {string | false | undefined} [elasticsearchUrl]
 * @property {string | false | undefined} [redisUrl]
 */

const ATTEMPTS = 3;
const LOG_LINES = 15;
const PORT_TAKEN =
  /Address already in use|EADDRINUSE|port \d+ is unavailable|port is already allocated/;

/**
 * Starts the services of a plan. They end, and their data is deleted, when they are stopped, and when
 * this process ends in whatever way.
 *
 * @param {() => Promise<Plan>} makePlan chooses free ports
 * @param {(stop: () => Promise<void>) => void} started called as soon as there is something to stop
 * @throws {Unmet} if a service does not come up
 */
export async function startPlan(makePlan, started) {
  await sweepLeftovers();

  for (let attempt = 1; ; attempt++) {
    const plan = await makePlan();
    const supervisor = await supervise();
    started(supervisor.stop);
    try {
      await step(`Starting ${plan.title}`, async () => {
        for (const each of plan.processes) {
          await supervisor.start(each);
        }
        await up(plan, supervisor);
      });
      return { ...plan, ...supervisor };
    } catch (error) {
      await supervisor.stop();
      // Another process may take a free port before the service listens to it.
      if (!PORT_TAKEN.test(String(error)) || attempt === ATTEMPTS) {
        throw error;
      }
    }
  }
}

/**
 * Waits until the services of a plan answer.
 *
 * @param {Plan} plan
 * @param {Pick<Awaited<ReturnType<typeof supervise>>, "folder" | "running">} supervisor
 */
export async function up(plan, { folder, running }) {
  const { elasticsearchUrl, processes, redisUrl, timeout, title } = plan;
  const isDead = () => processes.some(({ name }) => !running.has(name));
  const answer = async () =>
    (!elasticsearchUrl || (await elasticsearchAnswers(elasticsearchUrl))) &&
    (!redisUrl || (await redisAnswers(redisUrl)));
  const isSettled = async () => isDead() || (await answer());
  if ((await becomesTrue(isSettled, timeout)) && !isDead()) {
    return;
  }

  let logs = "";
  for (const { name } of processes) {
    const log = await readFile(`${folder}/${name}.log`, "utf8");
    // Java prints many lines after the one with the reason.
    const lines = log.split("\n").filter((line) => !/^\s+at /.test(line));
    logs += `\n--- ${name}\n${lines.slice(-LOG_LINES).join("\n")}`;
  }
  throw new Unmet(`${title}: did not come up.${logs}`, "See the lines above.");
}

/** Ends what supervisors that were themselves killed have left, and deletes its data. */
async function sweepLeftovers() {
  for (const pid of await readdir(runsFolder).catch(() => [])) {
    try {
      process.kill(Number(pid), 0);
      continue;
    } catch {
      // The supervisor is gone.
    }
    const folder = `${runsFolder}/${pid}/`;
    try {
      execFileSync("pkill", ["-KILL", "-f", folder]);
    } catch {
      // So are its processes.
    }
    await rm(folder, { force: true, recursive: true });
  }
}
