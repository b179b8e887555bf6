import { randomUUID } from "node:crypto";

import { succeeds } from "../command.mjs";
import { root } from "../paths.mjs";
import { freePort } from "../ports.mjs";

/** Tells whether a Docker engine with compose answers, not just whether the client is installed. */
export function dockerEngineAnswers() {
  return succeeds("docker", ["compose", "ls"]);
}

/**
 * Makes a plan to run the services of docker/compose.yml, under a project name of their own.
 *
 * @param {import("./index.mjs").Wanted} wanted
 * @returns {Promise<import("./startPlan.mjs").Plan>}
 */
export async function planDocker({ elasticsearch, redis }) {
  const ELASTICSEARCH_PORT = String(await freePort());
  const REDIS_PORT = String(await freePort());
  const name = `document-update-${randomUUID().slice(0, 8)}`;
  const file = `${root}docker/compose.yml`;
  const compose = ["compose", "--project-name", name, "--file", file];
  const names = [elasticsearch && "elasticsearch", redis && "redis"];
  const services = names.filter((name) => name !== false);

  return {
    elasticsearchUrl: elasticsearch && `http://127.0.0.1:${ELASTICSEARCH_PORT}`,
    redisUrl: redis && `redis://127.0.0.1:${REDIS_PORT}`,
    services: [
      {
        args: [...compose, "up", "--abort-on-container-exit", ...services],
        cleanup: {
          args: [...compose, "down", "--volumes", "--timeout", "5"],
          file: "docker",
        },
        file: "docker",
        name: "docker",
        env: { ELASTICSEARCH_PORT, REDIS_PORT },
      },
    ],
    title: `${services.join(" and ")} with Docker (the first time, images are pulled)`,
  };
}
