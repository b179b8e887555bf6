import { randomUUID } from "node:crypto";

import { succeeds } from "../command.mjs";
import { root } from "../paths.mjs";
import { freePort } from "../ports.mjs";

/** Tells whether a Docker engine with compose answers, not just whether the client is installed. */
export async function dockerEngineAnswers() {
  return (
    (await succeeds("docker", ["info"])) &&
    (await succeeds("docker", ["compose", "version"]))
  );
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
  const services = [
    ...(elasticsearch ? ["elasticsearch"] : []),
    ...(redis ? ["redis"] : []),
  ];

  return {
    elasticsearchUrl: elasticsearch && `http://127.0.0.1:${ELASTICSEARCH_PORT}`,
    processes: [
      {
        args: [...compose, "up", "--abort-on-container-exit", ...services],
        cleanup: {
          args: [...compose, "down", "--volumes", "--timeout", "5"],
          file: "docker",
        },
        env: { ELASTICSEARCH_PORT, REDIS_PORT },
        file: "docker",
        name: "docker",
      },
    ],
    redisUrl: redis && `redis://127.0.0.1:${REDIS_PORT}`,
    // Images may have to be downloaded.
    timeout: 600_000,
    title: `${services.join(" and ")} with Docker (the first time, images are pulled)`,
  };
}
