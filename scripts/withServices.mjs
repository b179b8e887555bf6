// Runs a command while Elasticsearch and Redis are up, with their addresses in its environment.
import { spawn } from "node:child_process";
import { once } from "node:events";

import { run } from "./fail.mjs";
import { interruption } from "./interruption.mjs";
import { startServices } from "./services/index.mjs";

await run(async () => {
  const [file, ...args] = process.argv.slice(2);
  const interrupted = interruption();
  /** @type {() => Promise<void>} */
  let stop = async () => {};
  const services = await Promise.race([
    startServices((stopServices) => {
      stop = stopServices;
    }),
    interrupted.then(() => undefined),
  ]);
  if (services === undefined) {
    await stop();
    return 130;
  }

  const child = spawn(String(file), args, {
    env: {
      ...process.env,
      ELASTICSEARCH_URL: services.elasticsearchUrl,
      REDIS_URL: services.redisUrl,
    },
    stdio: "inherit",
  });
  const ended = once(child, "exit");
  void interrupted.then(() => child.kill());

  try {
    const [code] = await ended;
    return Number(code ?? 1);
  } finally {
    await stop();
  }
});
process.exit();
