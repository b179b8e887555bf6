import { createRequire } from "node:module";
import { stringify } from "node:querystring";
import { setTimeout } from "node:timers/promises";

import {
  type Backend,
  Controller,
  type JSONObject,
  type KuzzleRequest,
} from "kuzzle";

import { REFUSAL } from "./refusal";

/** The transport of Elasticsearch's clients, in version 7 or 8. */
interface Transport {
  request: (
    this: unknown,
    params: TransportRequest,
    ...rest: unknown[]
  ) => Promise<unknown>;
}

interface TransportRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly bulkBody?: unknown;
  readonly querystring?: JSONObject;
}

/** A request to storage, as it was sent. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** A write that is held, once it has come. */
interface Hold {
  readonly reached: Promise<void>;
  readonly reach: () => void;
  readonly released: Promise<void>;
  readonly release: () => void;
}

function newHold(): Hold {
  let reach = () => {};
  let release = () => {};
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));

  return { reach, reached, release, released };
}

/** Intercepts the requests that Elasticsearch's clients, Kuzzle's own included, send to storage. */
export class StorageProbeController extends Controller {
  /** How to handle a request, by a text that it contains. */
  readonly #delays = new Map<string, number>();
  readonly #held = new Map<string, Hold>();
  readonly #lost = new Set<string>();
  readonly #refused = new Set<string>();
  readonly #sent: SentRequest[] = [];
  #isInstalled = false;

  constructor(app: Backend) {
    super(app);
    this.definition = {
      actions: {
        delay: { handler: this.delay.bind(this) },
        hold: { handler: this.hold.bind(this) },
        holding: { handler: this.holding.bind(this) },
        lose: { handler: this.lose.bind(this) },
        refuse: { handler: this.refuse.bind(this) },
        release: { handler: this.release.bind(this) },
        sent: { handler: this.sent.bind(this) },
        update: { handler: this.update.bind(this) },
      },
    };
  }

  /** Delays writes to storage that contain a text, by so many ms. */
  async delay(request: KuzzleRequest): Promise<null> {
    this.#install();
    this.#delays.set(request.getString("text"), request.getInteger("ms"));
    return null;
  }

  /** Holds writes to storage that contain a text, until it is released. */
  async hold(request: KuzzleRequest): Promise<null> {
    this.#install();
    this.#held.set(request.getString("text"), newHold());
    return null;
  }

  /** Answers once a write is held that contains a text. */
  async holding(request: KuzzleRequest): Promise<null> {
    await this.#held.get(request.getString("text"))!.reached;
    return null;
  }

  /** Has writes to storage that contain a text fail, until it is released. */
  async refuse(request: KuzzleRequest): Promise<null> {
    this.#install();
    this.#refused.add(request.getString("text"));
    return null;
  }

  /** Loses the answer to the next write to storage that contains a text: the client gets a 502. */
  async lose(request: KuzzleRequest): Promise<null> {
    this.#install();
    this.#lost.add(request.getString("text"));
    return null;
  }

  async release(request: KuzzleRequest): Promise<null> {
    const text = request.getString("text");
    this.#refused.delete(text);
    this.#held.get(text)?.release();
    this.#held.delete(text);
    return null;
  }

  /** Tells the requests to storage since the last time that contain a text. The first time, none. */
  async sent(request: KuzzleRequest): Promise<readonly SentRequest[]> {
    this.#install();
    const text = request.getString("text");
    return this.#sent
      .splice(0)
      .filter(({ body, path }) => (path + body).includes(text));
  }

  /** Updates documents at once from server code, past the plugin: `by` tells how. */
  async update(request: KuzzleRequest): Promise<null> {
    const { collection, index } = request.getIndexAndCollection();
    const ids = request.getBodyArray("ids").map(String);
    const by = request.getString("by");
    const update = this.#updates(index, collection)[by]!;
    await Promise.all(ids.map((_id) => update(_id, { by })));
    return null;
  }

  #updates(
    index: string,
    collection: string,
  ): Readonly<
    Record<string, (_id: string, changes: JSONObject) => Promise<unknown>>
  > {
    const { sdk, storage } = this.app;
    const { internalIndex, majorVersion } = (
      global.kuzzle.config.services as JSONObject
    )["storageEngine"] as JSONObject;
    const own = new storage.StorageClient();
    const updateBy = (client: unknown) => (id: string, doc: JSONObject) =>
      (client as { update(params: JSONObject): Promise<unknown> }).update({
        // In the same form as Kuzzle's requests: they differ only in the client.
        _source: "true",
        id,
        index: `@&${index}.${collection}`,
        ...(majorVersion === "8" ? { doc } : { body: { doc } }),
      });

    return {
      "app.sdk": (_id, changes) =>
        sdk.document.update(index, collection, _id, changes),
      "app.storage.storageClient": updateBy(storage.storageClient),
      "new app.storage.StorageClient()": updateBy(own),
      "a private index": async (_id, changes) => {
        const target = [internalIndex.name, "config", _id];
        const store = "core:storage:private:document";
        await global.kuzzle.ask(`${store}:createOrReplace`, ...target, {});
        return global.kuzzle.ask(`${store}:update`, ...target, changes);
      },
    };
  }

  #install(): void {
    if (this.#isInstalled) {
      return;
    }
    this.#isInstalled = true;
    const { transport } = this.app.storage.storageClient as unknown as {
      transport: Transport;
    };
    const prototype = Object.getPrototypeOf(transport) as Transport;
    const { request: send } = prototype;
    const through = (params: TransportRequest) => this.#through(params);
    prototype.request = async function (params, ...rest) {
      const arrive = await through(params);
      return arrive(await send.call(this, params, ...rest));
    };
  }

  /** @returns what becomes of the answer */
  async #through(
    params: TransportRequest,
  ): Promise<(answer: unknown) => unknown> {
    const { bulkBody, body = bulkBody, method, path } = params;
    const sent = {
      body: typeof body === "string" ? body : (JSON.stringify(body) ?? ""),
      method,
      path: decodeURIComponent(path),
    };
    this.#sent.push(sent);
    // Reads in between do not count.
    const isOf = (text: string) =>
      method === "POST" && (sent.path + sent.body).includes(text);
    for (const [text, ms] of this.#delays) {
      if (isOf(text)) {
        await setTimeout(ms);
      }
    }
    for (const [text, { reach, released }] of this.#held) {
      if (isOf(text)) {
        reach();
        await released;
      }
    }
    if ([...this.#refused].some(isOf)) {
      throw this.#refusalOf(params, 500);
    }
    const lost = [...this.#lost].find(isOf);
    if (lost === undefined) {
      return (answer) => answer;
    }
    this.#lost.delete(lost);
    return () => {
      throw this.#refusalOf(params, 502);
    };
  }

  /** The error of a request that storage, or a proxy before it, answers with this status. */
  #refusalOf(params: TransportRequest, status: number): Error {
    const { majorVersion } = (global.kuzzle.config.services as JSONObject)[
      "storageEngine"
    ] as JSONObject;
    const requireAsKuzzle = createRequire(
      require.resolve("kuzzle/package.json"),
    );
    const { errors } = requireAsKuzzle(`sdk-es${majorVersion}`) as {
      errors: { ResponseError: new (meta: JSONObject) => Error };
    };
    const cause = { reason: REFUSAL, type: "test_exception" };

    // As the client itself would tell of it.
    const querystring = stringify(params.querystring);

    return new errors.ResponseError({
      body: { error: { root_cause: [cause], ...cause }, status },
      headers: {},
      meta: {
        attempts: 0,
        request: { id: 1, options: {}, params: { ...params, querystring } },
      },
      statusCode: status,
      warnings: null,
    });
  }
}
