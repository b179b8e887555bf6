import { randomUUID } from "node:crypto";

import { root } from "../paths.mjs";
import { freePort } from "../ports.mjs";
import { succeeds } from "../command.mjs";

/**
 * @typedef {import("./keep.mjs").Plan} Plan
 * @typedef {import("./index.mjs").Wanted} Wanted
 */

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
 * @param {Wanted} wanted
 * @returns {Promise<Plan>}
 */
export async function planDocker({ elasticsearch, redis }) {
  const [elasticsearchPort, redisPort] = [
    await freePort(9200),
    await freePort(6379),
  ];
  const project = `document-update-${randomUUID().slice(0, 8)}`;
  const compose = [
    "compose",
    "--project-name",
    project,
    "--file",
    `${root}docker/compose.yml`,
  ];
  const services = [
    ...(elasticsearch ? ["elasticsearch"] : []),
    ...(redis ? ["redis"] : []),
  ];

  return {
    elasticsearchUrl: elasticsearch
      ? `http://127.0.0.1:${elasticsearchPort}`
      : undefined,
    processes: [
      {
        args: [
          ...compose,
          "up",
          "--abort-on-container-exit",
          "--no-log-prefix",
          ...services,
        ],
        cleanup: {
          args: [...compose, "down", "--volumes", "--timeout", "5"],
          file: "docker",
        },
        env: {
          ELASTICSEARCH_PORT: String(elasticsearchPort),
          REDIS_PORT: String(redisPort),
        },
        file: "docker",
        mark: project,
        name: "docker",
      },
    ],
    redisUrl: redis ? `redis://127.0.0.1:${redisPort}` : undefined,
    // Images may have to be downloaded.
    timeout: 600_000,
    title: `${services.join(" and ")} with Docker (the first time, images are pulled)`,
  };
}
