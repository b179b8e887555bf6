import { randomBytes } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { type Application, startKuzzle } from "../../scripts/kuzzle.mjs";
import { servicesFolder } from "../../scripts/paths.mjs";
import { type Services, startServices } from "../../scripts/services/index.mjs";
import { withCoverage } from "./coverage";
import { HttpClient } from "./HttpClient";
import { MqttClient } from "./MqttClient";
import { project } from "./project";
import type { ApiClient, Protocol } from "./request";
import { Stage } from "./Stage";
import { WebSocketClient } from "./WebSocketClient";

/** Indices that are deleted together. */
const PER_REQUEST = 40;

/** An environment in which all of a crowd get their turn, however slow the machine is. */
export const patient = {
  "kuzzle_plugins__document-update__maxWait": "60000",
};

/**
 * The Kuzzle application of tests/application on real services, and a client of each protocol.
 *
 * It is isolated from others on the same Elasticsearch, and all it stored is deleted when it stops.
 */
export class TestApplication extends Stage {
  readonly #application: Application;
  readonly #services: Services;

  private constructor(
    suffix: string,
    application: Application,
    services: Services,
    stage: WebSocketClient,
  ) {
    super(suffix, stage);
    this.#application = application;
    this.#services = services;
  }

  /** @param entry of the application, below the project */
  static async start(
    env: Record<string, string> = {},
    entry = "tests/application/app.ts",
  ): Promise<TestApplication> {
    const own = isolated();
    const { suffix } = own;
    const coverage = withCoverage();
    const services = await startServices();
    await mkdir(servicesFolder, { recursive: true });
    const application = await startKuzzle({
      cwd: project,
      entry: join(project, entry),
      env: {
        NODE_ENV: "development",
        kuzzle_http__cookieAuthentication: "true",
        kuzzle_limits__loginsPerSecond: "1000",
        // This connection is idle while other clients work.
        kuzzle_server__protocols__websocket__idleTimeout: "600000",
        ...own.env,
        ...coverage.env,
        ...env,
      },
      execArgv: coverage.execArgv,
      log: logOf(suffix),
      services,
    }).catch(async (error: unknown) => {
      await services.stop();
      throw error;
    });

    return new TestApplication(
      suffix,
      application,
      services,
      await WebSocketClient.connect(application.port),
    );
  }

  get port(): number {
    return this.#application.port;
  }

  get mqttPort(): number {
    return this.#application.mqttPort;
  }

  /** Major version of Elasticsearch. */
  get elasticsearchMajor(): number {
    return Number.parseInt(this.#services.elasticsearchVersion, 10);
  }

  get elasticsearchUrl(): string {
    return this.#services.elasticsearchUrl;
  }

  get process(): Application["process"] {
    return this.#application.process;
  }

  /** Returns what the application has logged. */
  log(): Promise<string> {
    return readFile(logOf(this.suffix), "utf8");
  }

  /** Opens a client, for the caller to close. */
  async connect(protocol: Protocol): Promise<ApiClient> {
    switch (protocol) {
      case "http":
        return new HttpClient(this.port);
      case "websocket":
        return WebSocketClient.connect(this.port);
      case "mqtt":
        return MqttClient.connect(this.mqttPort);
    }
  }

  async stop(): Promise<void> {
    await this.stage.close();
    await this.#application.stop();
    await deleteIndices(this.#services.elasticsearchUrl, this.suffix);
    await this.#services.stop();
  }
}

function logOf(suffix: string): string {
  return `${servicesFolder}/tests-${suffix}.log`;
}

/**
 * Makes an environment in which an application has an internal index of its own, so that the users
 * and roles of another Kuzzle on the same Elasticsearch are out of its reach.
 */
export function isolated(): { suffix: string; env: Record<string, string> } {
  const suffix = randomBytes(4).toString("hex");
  const env = {
    kuzzle_services__storageEngine__internalIndex__name: `kuzzle-${suffix}`,
  };

  return { env, suffix };
}

/** Deletes the indices of Elasticsearch whose name has this suffix. */
export async function deleteIndices(
  elasticsearchUrl: string,
  suffix: string,
): Promise<void> {
  const response = await fetch(
    `${elasticsearchUrl}/_cat/indices?format=json&h=index&expand_wildcards=all`,
  );
  if (!response.ok) {
    throw new Error(`Elasticsearch: ${await response.text()}`);
  }
  const indices = (await response.json()) as { index: string }[];
  const own = indices
    .map(({ index }) => encodeURIComponent(index))
    .filter((index) => index.includes(suffix));

  // Elasticsearch does the work once for all of a request, whose line has a limit of 4 kB.
  for (let first = 0; first < own.length; first += PER_REQUEST) {
    const names = own.slice(first, first + PER_REQUEST).join(",");
    await fetch(`${elasticsearchUrl}/${names}`, { method: "DELETE" });
  }
}
