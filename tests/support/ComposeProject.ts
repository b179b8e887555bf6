import { mkdir, rm, writeFile } from "node:fs/promises";

import { command } from "../../scripts/command.mjs";
import { root, servicesFolder } from "../../scripts/paths.mjs";
import { freePort } from "../../scripts/ports.mjs";
import type { Plan } from "../../scripts/services/startPlan.mjs";
import { startPlan } from "../../scripts/services/startPlan.mjs";
import type { NodeNumber } from "./Cluster";

export const composeFiles = [
  "docker/compose.cluster.yml",
  "docker/compose.cluster.test.yml",
].map((path) => `${root}${path}`);

/**
 * The compose cluster under a project name of its own, with its Elasticsearch and Redis running.
 *
 * It is deleted, with its containers, when `delete` is called, and when this process ends in
 * whatever way.
 */
export class ComposeProject {
  readonly #args: readonly string[];
  readonly #folder: string;
  /** The same for every command: compose replaces a container whose ports are others. */
  #ports: Record<string, string> = {};
  #stop = async (): Promise<void> => {};

  private constructor(name: string) {
    this.#args = [
      "compose",
      "--project-name",
      name,
      ...composeFiles.flatMap((file) => ["--file", file]),
    ];
    this.#folder = `${servicesFolder}/${name}`;
  }

  static async start(name: string): Promise<ComposeProject> {
    const project = new ComposeProject(name);
    project.#stop = (await startPlan(() => project.#plan())).stop;

    return project;
  }

  get elasticsearchUrl(): string {
    return `http://127.0.0.1:${this.#ports["ELASTICSEARCH_PORT"]}`;
  }

  /** Port of this machine where a node is reached. */
  portOf(number: NodeNumber): number {
    return Number(this.#ports[`KUZZLE${number}_PORT`]);
  }

  /** Starts a container with this environment, and waits until it is healthy. */
  async up(
    service: string,
    environment: Record<string, string>,
  ): Promise<void> {
    const file = `${this.#folder}/${service}.json`;
    await mkdir(this.#folder, { recursive: true });
    await writeFile(file, environmentFile(service, environment));
    await this.run([
      "--file",
      file,
      "up",
      "--detach",
      // They run, and are not to be touched.
      "--no-deps",
      "--wait",
      service,
    ]);
  }

  async run(
    args: readonly string[],
    onLine: (line: string) => void = () => {},
  ): Promise<void> {
    const output = await command("docker", [...this.#args, ...args], {
      env: { ...process.env, ...this.#ports },
    });
    output.split("\n").forEach(onLine);
  }

  async delete(): Promise<void> {
    await this.#stop();
    await rm(this.#folder, { force: true, recursive: true });
  }

  async #plan(): Promise<Plan> {
    this.#ports = await freePorts();

    return {
      elasticsearchUrl: this.elasticsearchUrl,
      services: [
        {
          args: [
            ...this.#args,
            "up",
            "--abort-on-container-exit",
            "--no-log-prefix",
            "elasticsearch",
            "redis",
          ],
          cleanup: {
            args: [
              ...this.#args,
              "down",
              "--volumes",
              "--rmi",
              "local",
              "--timeout",
              "5",
            ],
            file: "docker",
          },
          env: this.#ports,
          file: "docker",
          name: "docker",
        },
      ],
      redisUrl: `redis://127.0.0.1:${this.#ports["REDIS_PORT"]}`,
      title:
        "elasticsearch and redis of the compose cluster (the first time, images are pulled)",
    };
  }
}

/** A compose file, for JSON is YAML, that adds to the environment of a service. */
export function environmentFile(
  service: string,
  environment: Record<string, string>,
): string {
  return JSON.stringify({ services: { [service]: { environment } } });
}

/** The variables with which the compose files choose ports of this machine. */
async function freePorts(): Promise<Record<string, string>> {
  const first = await freePort(7513);
  const second = await freePort(first + 1);
  const third = await freePort(second + 1);

  return {
    ELASTICSEARCH_PORT: String(await freePort(9200)),
    KUZZLE1_PORT: String(first),
    KUZZLE2_PORT: String(second),
    KUZZLE3_PORT: String(third),
    REDIS_PORT: String(await freePort(6379)),
  };
}
