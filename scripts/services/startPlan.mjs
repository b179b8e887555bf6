import { readFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";

import { command, succeeds } from "../command.mjs";
import { Unmet } from "../fail.mjs";
import { runsFolder } from "../paths.mjs";
import { startOnFreePorts } from "../ports.mjs";
import { step } from "../step.mjs";
import { supervise } from "../supervise.mjs";
import { answers, becomesTrue } from "./answers.mjs";

/** @typedef {import("../supervise.mjs").Command} Command */

/**
 * A process: its log is `<name>.log` in the folder of the run; prepare runs before it starts, cleanup
 * after all has ended.
 *
 * @typedef {import("../supervise.mjs").Process &
 * { name: string, cleanup?: Command, prepare?: Command }} Service
 */

/**
 * @typedef {object} Plan
 * @property {string} title
 * @property {Service[]} services
 * @property {string | false} [elasticsearchUrl]
 * @property {string | false} [redisUrl]
 */

/** Docker may have to download images. A service that ends is noticed at once. */
const TIMEOUT_MS = 600_000;
const LOG_LINES = 15;

/**
 * Starts the services of a plan. They end, and their data is deleted, when they are stopped, and when
 * this process ends in whatever way.
 *
 * @param {(folder: string) => Promise<Plan>} makePlan chooses free ports; folder: of the run, for data
 * @throws {Unmet} if a service does not come up
 */
export async function startPlan(makePlan) {
  await sweepLeftovers();

  return startOnFreePorts(async () => {
    const supervisor = await supervise();
    const { folder, stop } = supervisor;
    try {
      const plan = await makePlan(folder);
      const { elasticsearchUrl, redisUrl } = plan;
      /** By name. @type {Map<string, import("node:child_process").ChildProcess>} */
      const running = new Map();
      /** Starts services, and waits until all of the plan answer. @param {Service[]} services */
      const start = async (services) => {
        for (const { cleanup, name, prepare, ...service } of services) {
          if (cleanup) {
            supervisor.cleanUpWith(cleanup);
          }
          if (prepare) {
            await command(prepare.file, prepare.args);
          }
          const log = `${folder}/${name}.log`;
          const child = supervisor.start({ ...service, log });
          const ended = () => running.delete(name);
          child.once("exit", ended).once("error", ended);
          // It does not keep this process from ending.
          child.unref();
          running.set(name, child);
        }
        const isDead = () => running.size < plan.services.length;
        const isSettled = async () =>
          isDead() ||
          ((!elasticsearchUrl || (await answers(elasticsearchUrl))) &&
            (!redisUrl || (await answers(redisUrl))));
        if (!(await becomesTrue(isSettled, TIMEOUT_MS)) || isDead()) {
          const logs = plan.services.map(({ name }) => endOfLog(folder, name));
          const problem = [`${plan.title}: did not come up.`, ...logs];
          throw new Unmet(problem.join("\n"), "See the lines above.");
        }
      };
      await step(`Starting ${plan.title}`, () => start(plan.services));
      return { ...plan, running, start, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  });
}

/** @param {string} folder @param {string} name */
function endOfLog(folder, name) {
  const log = readFileSync(`${folder}/${name}.log`, "utf8");
  // Java prints many lines after the one with the reason.
  const lines = log.split("\n").filter((line) => !/^\s+at /.test(line));

  return [`--- ${name}`, ...lines.slice(-LOG_LINES)].join("\n");
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
    // Fails where its processes are gone, too.
    await succeeds("pkill", ["-KILL", "-f", folder]);
    await rm(folder, { force: true, recursive: true });
  }
}
