import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";

import { KuzzleRequest } from "kuzzle";
import type { JSONObject } from "kuzzle-sdk";

type Listener = (payload: unknown, ...rest: unknown[]) => unknown;

/** An event that the code under test fired, and with what. */
export interface Fired {
  readonly event: string;
  readonly args: readonly unknown[];
}

/**
 * Stands for the running application in unit tests: answers `app.trigger` as pipes would, and
 * remembers what was fired.
 */
export class FakeKuzzle {
  readonly fired: Fired[] = [];
  /** Pipes that were registered while the application runs, by event. */
  readonly registered = new Map<string, Listener>();
  /** What the validation and the event emitter of Kuzzle hold. */
  specifications = {};
  limits: { documentsWriteCount: number } | undefined;
  readonly pluginPipes = new Map<string, Listener[]>();
  /** By default, something listens to the events of updates. */
  readonly hooks = new Set(["document:*"]);
  readonly #pipes: Readonly<Record<string, Listener>>;

  /** @param pipes what the pipe of each event returns or throws; others return what they got */
  constructor(pipes: Readonly<Record<string, Listener>> = {}) {
    this.#pipes = pipes;
    define("app", {
      pipe: {
        register: (event: string, pipe: Listener, { dynamic = false } = {}) => {
          // As Kuzzle does once an application has started.
          assert.ok(dynamic);
          this.registered.set(event, pipe);
        },
      },
      trigger: this.#trigger,
    });
    const { hooks, pluginPipes } = this;
    const specifications = () => this.specifications;
    const limits = () => this.limits;
    define("kuzzle", {
      asyncStore: new FakeAsyncStore(),
      get config() {
        return { limits: limits() };
      },
      // Kuzzle's responses carry the name of the node.
      id: "a-node",
      listenerCount: (event: string) => Number(hooks.has(event)),
      pluginPipes,
      validation: {
        get specification() {
          return specifications();
        },
      },
    });
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

/** Kuzzle's own, of the same interface. */
class FakeAsyncStore {
  readonly #storage = new AsyncLocalStorage<Map<string, unknown>>();

  run(callback: () => void): void {
    this.#storage.run(new Map(), callback);
  }

  exists(): boolean {
    return this.#storage.getStore() !== undefined;
  }

  set(key: string, value: unknown): void {
    this.#storage.getStore()?.set(key, value);
  }

  get(key: string): unknown {
    return this.#storage.getStore()?.get(key);
  }
}

function define(name: "app" | "kuzzle", value: unknown): void {
  Object.defineProperty(globalThis, name, { configurable: true, value });
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

/** A user who may do everything, or nothing. */
export function aUser({ _id = "joe", allowed = true } = {}): JSONObject {
  return { _id, isActionAllowed: async () => allowed };
}
