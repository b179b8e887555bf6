import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { Unmet } from "../fail.mjs";
import { servicesFolder } from "../paths.mjs";

/**
 * @typedef {object} Process
 * @property {string} name its log is `<name>.log`
 * @property {string} file
 * @property {readonly string[]} args `{folder}` stands for the folder of the run
 * @property {string} mark part of its command line that no other process has
 * @property {Record<string, string>} [env] added to the environment
 * @property {{ gid: number, uid: number }} [user] whom it runs as, where that is not the keeper's
 * @property {{ file: string, args: readonly string[] }} [prepare] run once, before it first starts
 * @property {{ file: string, args: readonly string[] }} [cleanup] run after it has ended
 */

/**
 * @typedef {object} Plan what the keeper starts
 * @property {string} title
 * @property {readonly Process[]} processes
 * @property {number} timeout ms until the services have to answer
 * @property {string | undefined} elasticsearchUrl
 * @property {string} [clusterName] of the Elasticsearch that is meant to answer there
 * @property {string | undefined} redisUrl
 */

/**
 * @typedef {object} Order what to do with one process while the others go on
 * @property {string} name
 * @property {NodeJS.Signals} [signal] to send to it; without one, the process is started again
 */

/** Parent folder of the runs. Each run has a folder with its data and logs. */
export const runsFolder = `${servicesFolder}/runs`;

/**
 * Starts the processes of a plan under a keeper: a separate process that ends them and deletes their
 * data, when it is told to, or when this process has ended.
 *
 * @param {Plan} plan
 * @param {(stop: () => Promise<void>) => void} started called at once, before the services are up
 * @throws {Unmet} if a service does not come up
 */
export async function startKeeper(plan, started) {
  const folder = `${runsFolder}/${randomUUID()}`;
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/plan.json`, JSON.stringify(plan));

  // Detached, so that Ctrl-C in the terminal only reaches this process. The keeper notices by its stdin.
  const keeper = spawn(
    process.execPath,
    [fileURLToPath(new URL("keeper.mjs", import.meta.url)), folder],
    { detached: true, stdio: ["pipe", "pipe", "inherit"] },
  );
  const ended = once(keeper, "exit");
  const stop = async () => {
    keeper.ref();
    keeper.stdin.end();
    await ended;
  };
  started(stop);

  const output = /** @type {import("node:net").Socket} */ (keeper.stdout);
  const lines = createInterface({ input: output })[Symbol.asyncIterator]();
  // The keeper does not keep this process from ending, except while it is waited for.
  const becomesReady = async () => {
    output.ref();
    const { value: line = '"The keeper of the services ended."' } =
      await lines.next();
    if (line !== "ready") {
      await stop();
      throw new Unmet(
        `${plan.title}: ${JSON.parse(line)}`,
        "See the lines above for the reason.",
      );
    }
    output.unref();
  };
  await becomesReady();
  keeper.unref();

  return {
    elasticsearchUrl: plan.elasticsearchUrl,
    /** @param {Order} order carried out when this resolves */
    order: async (order) => {
      keeper.stdin.write(`${JSON.stringify(order)}\n`);
      await becomesReady();
    },
    redisUrl: plan.redisUrl,
  };
}
