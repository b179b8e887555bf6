import assert from "node:assert/strict";

import { KuzzleRequest } from "kuzzle";
import type { JSONObject } from "kuzzle-sdk";

import { FakeElasticsearch, type Version } from "./fakeElasticsearch";

type Listener = (payload: unknown, ...rest: unknown[]) => unknown;

type Answerer = (...args: unknown[]) => unknown;

type UpdateCall = readonly [
  index: string,
  collection: string,
  id: string,
  changes: JSONObject,
  options: JSONObject,
];

type CreateCall = readonly [
  index: string,
  collection: string,
  content: JSONObject,
  options: JSONObject,
];

interface UpdatingClient {
  update(params: JSONObject): Promise<JSONObject>;
}

/** An event that the code under test fired, and with what. */
export interface Fired {
  readonly event: string;
  readonly args: readonly unknown[];
}

/**
 * Stands for the running application in unit tests: answers `app.trigger` as pipes would, `ask` as
 * Kuzzle's own modules, and remembers what was fired. Tests change what they want to be otherwise.
 */
export class FakeKuzzle {
  readonly fired: Fired[] = [];
  /** Pipes that were registered while the application runs, by event. */
  readonly registered = new Map<string, Listener>();
  readonly pluginPipes = new Map<string, Listener[]>();
  /** Plugins that the application uses, by their names. */
  readonly plugins = new Map<string, object>();
  /** By default, something listens to the events of updates. */
  readonly hooks = new Set(["document:*"]);
  /** What answers Kuzzle's internal events. */
  readonly answers = new Map<string, Answerer>(
    ["private", "public"].flatMap((scope): [string, Answerer][] => [
      [
        `core:storage:${scope}:document:create`,
        (...args) => this.#create(...(args as unknown as CreateCall)),
      ],
      [
        `core:storage:${scope}:document:update`,
        (...args) => this.#update(...(args as unknown as UpdateCall)),
      ],
    ]),
  );
  readonly elasticsearch: FakeElasticsearch;
  /** What the plugin finds at `global.kuzzle`. */
  readonly kuzzle: Record<string, unknown> & {
    readonly validation: Record<string, unknown>;
  };
  readonly #pipes: Readonly<Record<string, Listener>>;
  readonly #version: Version;

  /** @param pipes what the pipe of each event returns or throws; others return what they got */
  constructor(
    pipes: Readonly<Record<string, Listener>> = {},
    version: Version = "7",
  ) {
    this.#pipes = pipes;
    this.#version = version;
    this.elasticsearch = new FakeElasticsearch(version);
    define("app", {
      pipe: {
        register: (event: string, pipe: Listener, { dynamic = false } = {}) => {
          // As Kuzzle does once an application has started.
          assert.ok(dynamic);
          this.registered.set(event, pipe);
        },
      },
      plugin: {
        get: (name: string) => this.plugins.get(name),
        list: () => [...this.plugins.keys()],
      },
      storage: { storageClient: this.elasticsearch.client },
      trigger: this.#trigger,
    });
    this.kuzzle = {
      ask: async (event: string, ...args: unknown[]) => {
        await Promise.resolve();
        const answerer = this.answers.get(event);
        assert.ok(answerer, `"${event}" has no answerer`);
        return answerer(...args);
      },
      config: {
        services: {
          storageEngine: {
            internalIndex: { name: "kuzzle" },
            majorVersion: version,
          },
        },
      },
      // Kuzzle's responses carry the name of the node.
      id: "a-node",
      listenerCount: (event: string) => Number(this.hooks.has(event)),
      pluginPipes: this.pluginPipes,
      validation: {
        specification: {},
        validate: (request: unknown) => Promise.resolve(request),
      },
    };
    define("kuzzle", this.kuzzle);
  }

  /** As Kuzzle's service of Elasticsearch. */
  async #create(...[index, collection, content, options]: CreateCall) {
    const { id, refresh } = options;
    const answer = await this.elasticsearch.client.index({
      ...(this.#version === "7" ? { body: content } : { document: content }),
      id,
      index: `@&${index}.${collection}`,
      op_type: "create",
      refresh,
    });
    const { _id, _version } = (
      this.#version === "7" ? answer["body"] : answer
    ) as JSONObject;

    return { _id, _source: content, _version };
  }

  /** As Kuzzle's service of Elasticsearch. */
  async #update(...[index, collection, id, doc, options]: UpdateCall) {
    const { client } = this.elasticsearch;
    const { refresh, retryOnConflict } = options;
    const changes = this.#version === "7" ? { body: { doc } } : { doc };
    const answer = await (client as unknown as UpdatingClient).update({
      _source: "true",
      ...changes,
      id,
      index: `@&${index}.${collection}`,
      refresh,
      retry_on_conflict: retryOnConflict,
    });
    const { _id, _version, get } = (
      this.#version === "7" ? answer["body"] : answer
    ) as JSONObject;

    return { _id, _source: get._source, _version };
  }

  get events(): string[] {
    return this.fired.map(({ event }) => event);
  }

  readonly #trigger = async (
    event: string,
    ...args: unknown[]
  ): Promise<unknown> => {
    this.fired.push({ args, event });
    const pipe = this.#pipes[event];
    return pipe ? pipe(args[0], ...args.slice(1)) : args[0];
  };
}

function define(name: "app" | "kuzzle", value: unknown): void {
  Object.defineProperty(globalThis, name, { configurable: true, value });
}

/** Has Kuzzle copy changes on their way to storage: what tells an update of the plugin's is lost. */
export function copyChanges(
  { answers }: FakeKuzzle,
  ...scopes: readonly ("private" | "public")[]
): void {
  for (const scope of scopes) {
    const event = `core:storage:${scope}:document:update`;
    const update = answers.get(event)!;
    answers.set(event, (index, collection, id, changes, options) =>
      update(index, collection, id, structuredClone(changes), options),
    );
  }
}

/** A request of a logged-in user over WebSocket. */
export function aRequest(
  data: JSONObject = {},
  context: JSONObject = {},
): KuzzleRequest {
  return new KuzzleRequest(
    {
      _id: "liia",
      action: "update",
      body: { seats: 5 },
      collection: "yellow-taxi",
      controller: "document-update",
      index: "nyc-open-data",
      ...data,
    },
    {
      connection: { id: "a-connection", protocol: "websocket" },
      user: aUser(),
      ...context,
    },
  );
}

/** The context of a request over HTTP, where flags are read in another way. */
export const overHttp = (headers: JSONObject = {}, verb = "PATCH") => ({
  connection: { headers, id: "http", protocol: "http", verb },
});

/** The context of a request of server code that names no user. */
export const ofServerCode = {
  connection: { id: "embedded", protocol: "funnel" },
  user: null,
};

/** A user who may do everything, or nothing. */
export function aUser({ _id = "joe", allowed = true } = {}): JSONObject {
  return { _id, isActionAllowed: async () => allowed };
}
