import { spawn } from "node:child_process";
import { once } from "node:events";

import { startServices } from "./services/index.mjs";
import { supervise } from "./supervise.mjs";

/** Exit code of a command that was ended by a signal. */
const INTERRUPTED = 130;

/**
 * Runs a command while the services that it needs are up, and stops them afterwards.
 *
 * @param {(onStart: (stop: () => Promise<void>) => void) => Promise<Record<string, string>>} bringUp
 * starts the services; resolves to environment variables for the command
 * @param {readonly string[]} command
 * @param {Promise<unknown>} interrupted ends the command early
 * @returns {Promise<{ code: number, interrupted: boolean }>} code: the command's exit code
 */
export async function whileUp(bringUp, [file = "", ...args], interrupted) {
  let stop = async () => {};
  let early = false;
  const end = interrupted.then(() => void (early = true));
  const env = await Promise.race([bringUp((it) => (stop = it)), end]);
  try {
    if (env === undefined) {
      return { code: INTERRUPTED, interrupted: true };
    }
    const supervisor = await supervise();
    const child = spawn(file, args, {
      // A group of its own, which the supervisor ends.
      detached: true,
      env: { ...process.env, ...env },
      stdio: "inherit",
    });
    supervisor.adopt(child.pid);
    void end.then(supervisor.stop);
    const [code] = await once(child, "exit");
    await supervisor.stop();
    return { code: code ?? INTERRUPTED, interrupted: early };
  } finally {
    await stop();
  }
}

/** Brings up Elasticsearch and Redis, for whileUp. @param {(stop: () => Promise<void>) => void} onStart */
export async function bringUpServices(onStart) {
  const { elasticsearchUrl, redisUrl } = await startServices(onStart);

  return { ELASTICSEARCH_URL: elasticsearchUrl, REDIS_URL: redisUrl };
}
