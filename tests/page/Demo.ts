import { randomBytes } from "node:crypto";

import { PAGE_PATH } from "../../demo/pagePath";
import { sample } from "../../demo/sampleData";
import { type Application, startKuzzle } from "../../scripts/kuzzle.mjs";
import { root, servicesFolder } from "../../scripts/paths.mjs";
import { freePort } from "../../scripts/ports.mjs";
import { type Services, startServices } from "../../scripts/services/index.mjs";
import { WebSocketClient } from "../support/WebSocketClient";

/** Away from the usual ones: other suites must not take it while the application starts again. */
const FIRST_PORT = 27_512;

/** The demo application, on services of its own: its index has one name. */
export class Demo {
  readonly port: number;
  readonly #services: Services;
  #application: Application;
  #client: WebSocketClient;

  private constructor(
    services: Services,
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
    process.env["ELASTICSEARCH_URL"] = "";
    process.env["REDIS_URL"] = "";
    const services = await startServices();
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
    await this.#client.call({
      _id,
      action: "create",
      args: { refresh: "wait_for" },
      body,
      collection,
      controller: "document",
      index: sample.index,
    });

    return _id;
  }

  /** Deletes a document. */
  async delete(collection: string, _id: string): Promise<void> {
    await this.#client.call({
      _id,
      action: "delete",
      collection,
      controller: "document",
      index: sample.index,
    });
  }

  /** Returns what is stored of a document. */
  async stored(
    collection: string,
    _id: string,
  ): Promise<Record<string, unknown>> {
    const { _source } = await this.#client.call({
      _id,
      action: "get",
      collection,
      controller: "document",
      index: sample.index,
    });

    return _source as Record<string, unknown>;
  }

  /** Returns how many documents a collection has. */
  async count(collection: string): Promise<number> {
    const target = { collection, index: sample.index };
    await this.#client.call({
      action: "refresh",
      controller: "collection",
      ...target,
    });
    const { count } = await this.#client.call({
      action: "count",
      controller: "document",
      ...target,
    });

    return Number(count);
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

function launchOf(services: Services, port: number) {
  return {
    env: { kuzzle_server__port: String(port) },
    entry: `${root}demo/app.ts`,
    log: `${servicesFolder}/page-${process.pid}.log`,
    services,
  };
}
