import { once } from "node:events";

import { startServices } from "./services/index.mjs";
import { supervise } from "./supervise.mjs";

/**
 * Runs a command, which prints to where this process does. It ends with this process at the latest.
 *
 * @param {readonly string[]} command
 * @param {NodeJS.ProcessEnv} [env] added to its environment
 * @returns {Promise<number>} its exit code
 */
export async function runCommand([file = "", ...args], env) {
  const { start } = await supervise();
  const [code] = await once(start({ args, env, file }), "exit");

  return code ?? 1;
}

/** Runs a command while Elasticsearch and Redis are up. @param {readonly string[]} command */
export async function runWithServices(command) {
  const { elasticsearchUrl, redisUrl } = await startServices();

  return runCommand(command, {
    ELASTICSEARCH_URL: elasticsearchUrl,
    REDIS_URL: redisUrl,
  });
}
