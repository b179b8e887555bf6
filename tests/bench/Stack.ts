import type { ChildProcess } from "node:child_process";

import type { JSONObject } from "kuzzle-sdk";

import { Stage } from "../support/Stage";
import { TestApplication } from "../support/TestApplication";
import { WebSocketClient } from "../support/WebSocketClient";
import { Documents } from "./Documents";
import type { ApplicationName } from "./modes";
import type { Contender, Scenario } from "./Scenario";

/** Where a contender updates documents. */
export interface Site {
  readonly documents: Documents;
  /** Of the users who update them. */
  readonly tokens: readonly string[];
  readonly port: number;
  readonly process: ChildProcess;
}

interface Running {
  readonly application: TestApplication;
  readonly sites: Map<string, Promise<Site>>;
  readonly tokens: readonly string[];
}

/** Of what documents have before they are updated, and what updates change. */
const specification = {
  fields: {
    state: { mandatory: true, type: "string" },
    text: { mandatory: false, type: "string" },
  },
  strict: false,
};

/** The applications of a run: all are up, one at a time is at work. */
export class Stack {
  readonly elasticsearchUrl: string;
  readonly #running = new Map<ApplicationName, Running>();

  private constructor(elasticsearchUrl: string) {
    this.elasticsearchUrl = elasticsearchUrl;
  }

  /**
   * @param users that each application has
   * @param env added to the environment of each application
   */
  static async start(
    elasticsearchUrl: string,
    names: Iterable<ApplicationName>,
    users: number,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Stack> {
    const stack = new Stack(elasticsearchUrl);
    const started = await Promise.allSettled(
      [...names].map((name, database) =>
        stack.#start(name, String(database), users, env),
      ),
    );
    const failed = started.find(({ status }) => status === "rejected");
    if (failed) {
      await stack.stop();
      throw (failed as PromiseRejectedResult).reason;
    }

    return stack;
  }

  site(contender: Contender, scenario: Scenario): Promise<Site> {
    const running = this.#running.get(contender.application);
    if (running === undefined) {
      throw new Error(`${contender.application} is not up`);
    }
    const { application, sites, tokens } = running;
    const name = contender.collection + scenario.apart;
    const site =
      sites.get(name) ?? this.#open(application, tokens, name, scenario);
    sites.set(name, site);

    return site;
  }

  /** What Kuzzle says of itself and its services. */
  async info(): Promise<JSONObject> {
    const [running] = this.#running.values();
    return running!.application.stage.call({
      action: "info",
      controller: "server",
    });
  }

  async stop(): Promise<void> {
    for (const { application } of this.#running.values()) {
      await application.stop();
    }
  }

  async #open(
    application: TestApplication,
    tokens: readonly string[],
    name: string,
    { specified }: Scenario,
  ): Promise<Site> {
    // Kuzzle closes a connection that was idle for ten minutes.
    const client = await WebSocketClient.connect(application.port);
    const stage = new Stage(application.suffix, client);
    const target = await stage.createCollection(name, {
      mappings: { dynamic: "false" },
    });
    if (specified) {
      await client.call({
        ...target,
        action: "updateSpecifications",
        body: specification,
        controller: "collection",
      });
    }
    await client.close();

    return {
      documents: new Documents(this.elasticsearchUrl, target),
      port: application.port,
      process: application.process,
      tokens,
    };
  }

  async #start(
    name: ApplicationName,
    database: string,
    users: number,
    env: Readonly<Record<string, string>>,
  ): Promise<void> {
    const application = await TestApplication.start(
      {
        BENCH_APPLICATION: name,
        NODE_ENV: "production",
        // Applications on one database of Redis would be nodes of one cluster.
        kuzzle_services__internalCache__options__db: database,
        kuzzle_services__memoryStorage__options__db: database,
        // A body of 1 MB has to get through.
        kuzzle_server__maxRequestSize: "4MB",
        ...env,
      },
      "tests/bench/application.ts",
    );
    const sites = new Map<string, Promise<Site>>();
    this.#running.set(name, { application, sites, tokens: [] });
    // At once, each over a connection of its own: Kuzzle answers each step when Elasticsearch has refreshed.
    const tokens = await Promise.all(
      Array.from({ length: users }, async (_, number) => {
        const client = await WebSocketClient.connect(application.port);
        const stage = new Stage(application.suffix, client);
        const user = `bench-${number}`;
        await stage.createUser(user, { "*": { actions: { "*": true } } });
        const token = await stage.login(user, { expiresIn: "6h" });
        await client.close();
        return token;
      }),
    );
    this.#running.set(name, { application, sites, tokens });
  }
}
