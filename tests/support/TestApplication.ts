import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import type { JSONObject } from "kuzzle-sdk";

import { type Application, startKuzzle } from "../../scripts/kuzzle.mjs";
import { servicesFolder } from "../../scripts/paths.mjs";
import { type Services, startServices } from "../../scripts/services/index.mjs";
import { HttpClient } from "./HttpClient";
import { MqttClient } from "./MqttClient";
import { project } from "./project";
import type { ApiClient, Protocol } from "./request";
import { WebSocketClient } from "./WebSocketClient";

const PASSWORD = "a password for tests";

/**
 * The Kuzzle application of tests/application on real services, and a client of each protocol.
 *
 * It is isolated from others on the same Elasticsearch, and all it stored is deleted when it stops.
 */
export class TestApplication {
  /** Suffix of all that these tests create. */
  readonly suffix: string;
  /** Sets the stage, as the anonymous user, who has every right at first. */
  readonly stage: WebSocketClient;
  /** Token with which users are created, once the anonymous user may not any more. */
  jwt: string | null = null;
  readonly #application: Application;
  readonly #services: Services;

  private constructor(
    suffix: string,
    application: Application,
    services: Services,
    stage: WebSocketClient,
  ) {
    this.suffix = suffix;
    this.stage = stage;
    this.#application = application;
    this.#services = services;
  }

  static async start(
    env: Record<string, string> = {},
  ): Promise<TestApplication> {
    const own = isolated();
    const { suffix } = own;
    const services = await startServices();
    await mkdir(servicesFolder, { recursive: true });
    const application = await startKuzzle({
      cwd: project,
      entry: join(project, "tests/application/app.ts"),
      env: {
        NODE_ENV: "development",
        kuzzle_http__cookieAuthentication: "true",
        kuzzle_limits__loginsPerSecond: "1000",
        ...own.env,
        ...env,
      },
      log: `${servicesFolder}/tests-${suffix}.log`,
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

  get process(): Application["process"] {
    return this.#application.process;
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

  /** Creates a collection and returns its index and name. */
  async createCollection(
    name: string,
    definition: JSONObject = {},
    indexName = "tests",
  ): Promise<{ index: string; collection: string }> {
    const index = `${indexName}-${this.suffix}`;
    const collection = `${name}-${this.suffix}`;
    if (
      !(await this.stage.call({ action: "exists", controller: "index", index }))
    ) {
      await this.stage.call({ action: "create", controller: "index", index });
    }
    await this.stage.call({
      action: "create",
      body: definition,
      collection,
      controller: "collection",
      index,
    });

    return { collection, index };
  }

  /** Creates a user with these rights, and returns its token. */
  async createUser(
    name: string,
    rights: JSONObject,
    restrictedTo?: readonly JSONObject[],
  ): Promise<string> {
    const _id = `${name}-${this.suffix}`;
    const call = (action: string, body: JSONObject) =>
      this.stage.call({
        _id,
        action,
        args: { refresh: "wait_for" },
        body,
        controller: "security",
        jwt: this.jwt,
      });

    await call("createRole", { controllers: rights });
    await call("createProfile", {
      policies: [{ roleId: _id, ...(restrictedTo && { restrictedTo }) }],
    });
    await call("createUser", {
      content: { profileIds: [_id] },
      credentials: { local: { password: PASSWORD, username: _id } },
    });

    return this.login(name);
  }

  /** Logs a created user in, and returns its token. */
  async login(
    name: string,
    args: Record<string, unknown> = {},
  ): Promise<string> {
    const { jwt } = await this.stage.call({
      action: "login",
      args: { strategy: "local", ...args },
      body: { password: PASSWORD, username: `${name}-${this.suffix}` },
      controller: "auth",
    });

    return String(jwt);
  }

  async stop(): Promise<void> {
    await this.stage.close();
    await this.#application.stop();
    await deleteIndices(this.#services.elasticsearchUrl, this.suffix);
    await this.#services.stop();
  }
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
  const indices = (await response.json()) as { index: string }[];
  const own = indices.filter(({ index }) => index.includes(suffix));

  await Promise.all(
    own.map(({ index }) =>
      fetch(`${elasticsearchUrl}/${encodeURIComponent(index)}`, {
        method: "DELETE",
      }),
    ),
  );
}
