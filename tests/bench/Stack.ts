import type { ChildProcess } from "node:child_process";

import type { JSONObject } from "kuzzle-sdk";

import { TestApplication } from "../support/TestApplication";
import { Documents } from "./Documents";
import type { ApplicationName } from "./modes";
import type { Contender, Scenario } from "./Scenario";

/** Where a contender updates documents. */
export interface Site {
  readonly documents: Documents;
  /** Token of the user who updates them. */
  readonly jwt: string;
  readonly port: number;
  readonly process: ChildProcess;
}

interface Running {
  readonly application: TestApplication;
  readonly jwt: string;
  readonly sites: Map<string, Promise<Site>>;
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

  /** @param env added to the environment of each application */
  static async start(
    elasticsearchUrl: string,
    names: Iterable<ApplicationName>,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Stack> {
    const stack = new Stack(elasticsearchUrl);
    const started = await Promise.allSettled(
      [...names].map((name, database) =>
        stack.#start(name, String(database), env),
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
    const { application, jwt, sites } = running;
    const name = contender.collection + scenario.apart;
    const site =
      sites.get(name) ?? this.#open(application, jwt, name, scenario);
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
    jwt: string,
    name: string,
    { specified }: Scenario,
  ): Promise<Site> {
    const target = await application.createCollection(name, {
      mappings: { dynamic: "false" },
    });
    if (specified) {
      await application.stage.call({
        ...target,
        action: "updateSpecifications",
        body: specification,
        controller: "collection",
      });
    }

    return {
      documents: new Documents(this.elasticsearchUrl, target),
      jwt,
      port: application.port,
      process: application.process,
    };
  }

  async #start(
    name: ApplicationName,
    database: string,
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
    this.#running.set(name, { application, jwt: "", sites });
    await application.createUser("bench", { "*": { actions: { "*": true } } });
    const jwt = await application.login("bench", { expiresIn: "6h" });
    this.#running.set(name, { application, jwt, sites });
  }
}
