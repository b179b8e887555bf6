import { randomBytes } from "node:crypto";

import { PAGE_PATH } from "../../demo/pagePath";
import { sample, stormCollections } from "../../demo/sampleData";
import { type Application, startKuzzle } from "../../scripts/kuzzle.mjs";
import { root, servicesFolder } from "../../scripts/paths.mjs";
import { freePort } from "../../scripts/ports.mjs";
import {
  type SampleServices,
  startSampleServices,
} from "../support/sampleServices";
import type { ApiRequest } from "../support/request";
import { patient } from "../support/TestApplication";
import { WebSocketClient } from "../support/WebSocketClient";

/** Away from the usual ones: other suites must not take it while the application starts again. */
const FIRST_PORT = 27_512;
/** Redis database of the demo. */
const DATABASE = 13;

/** The demo application. */
export class Demo {
  readonly port: number;
  readonly #services: SampleServices;
  #application: Application;
  #client: WebSocketClient;

  private constructor(
    services: SampleServices,
    port: number,
    application: Application,
    client: WebSocketClient,
  ) {
    this.#services = services;
    this.port = port;
    this.#application = application;
    this.#client = client;
  }

  static async start(): Promise<Demo> {
    const services = await startSampleServices(DATABASE);
    try {
      const port = await freePort(FIRST_PORT);
      const application = await startKuzzle(launchOf(services, port));
      return new Demo(
        services,
        port,
        application,
        await WebSocketClient.connect(port),
      );
    } catch (error) {
      await services.stop();
      throw error;
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}${PAGE_PATH}`;
  }

  /** Asks the application, as the anonymous user, who has every right. */
  get client(): WebSocketClient {
    return this.#client;
  }

  /** Stores a document in a collection of the sample, found by searches at once, and returns its identifier. */
  async store(
    collection: string,
    body: Record<string, unknown>,
    _id = `taxi-${randomBytes(4).toString("hex")}`,
  ): Promise<string> {
    await this.#ask("create", {
      _id,
      args: { refresh: "wait_for" },
      body,
      collection,
    });

    return _id;
  }

  /** Deletes a document. */
  async delete(collection: string, _id: string): Promise<void> {
    await this.#ask("delete", { _id, collection });
  }

  /** Returns what is stored of a document. */
  async stored(
    collection: string,
    _id: string,
  ): Promise<Record<string, unknown>> {
    const { _source } = await this.#ask("get", { _id, collection });

    return _source as Record<string, unknown>;
  }

  /** Returns how many updates the plugin has had. */
  async updates(): Promise<number> {
    const { updates } = await this.#client.call({
      action: "stats",
      controller: "document-update",
    });

    return Number(updates);
  }

  /** Returns how many documents of storms there are. */
  async countOfStorms(): Promise<number> {
    let documents = 0;
    for (const collection of Object.values(stormCollections)) {
      await this.#ask("refresh", { collection, controller: "collection" });
      const { count } = await this.#ask("count", { collection });
      documents += Number(count);
    }

    return documents;
  }

  #ask(action: string, request: Partial<ApiRequest>) {
    return this.#client.call({
      action,
      controller: "document",
      index: sample.index,
      ...request,
    });
  }

  /** Ends the application, has something done meanwhile, and starts it again on the same port. */
  async restart(meanwhile: () => Promise<void>): Promise<void> {
    await this.#client.close();
    await this.#application.stop();
    await meanwhile();
    this.#application = await startKuzzle(launchOf(this.#services, this.port));
    this.#client = await WebSocketClient.connect(this.port);
  }

  async stop(): Promise<void> {
    await this.#client.close();
    await this.#application.stop();
    await this.#services.stop();
  }
}

function launchOf(services: SampleServices, port: number) {
  return {
    env: {
      ...services.env,
      ...patient,
      kuzzle_server__port: String(port),
    },
    entry: `${root}demo/app.ts`,
    log: `${servicesFolder}/page-${process.pid}.log`,
    services,
  };
}
