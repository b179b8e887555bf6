import type { EventEmitter } from "node:events";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import {
  type Backend,
  BadRequestError,
  Controller,
  type JSONObject,
  KuzzleRequest,
} from "kuzzle";

/** What a pipe of the probe does at an event of a given request. */
export interface Reaction {
  /** Writes these properties of the request: `{ "input.body.x": 1 }`. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** Returns these documents from a generic event. */
  readonly documents?: readonly JSONObject[];
  /** Sets this result, with this status where one is given. */
  readonly result?: unknown;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sets headers of the protocol alone, which the body of the answer does not show. */
  readonly protocolHeaders?: readonly (readonly [string, string])[];
  readonly raw?: boolean;
  readonly deprecation?: string;
  /** Returns nothing, which no pipe should. */
  readonly returnsNothing?: boolean;
  /** Clears the error of the request. */
  readonly recover?: boolean;
  /** Returns another request, with another body, in place of the one that came. */
  readonly replaceBody?: JSONObject;
  /** Returns another request, without a user. */
  readonly dropsUser?: boolean;
  /** Deletes something that the update needs. */
  readonly deletes?: "document" | "collection" | "index" | "user";
  /** Updates this document of the same collection, natively and through the plugin. */
  readonly updatesOther?: string;
  /** Logs the identifier of the request. */
  readonly logs?: boolean;
  /** Waits until the request is released. */
  readonly holds?: boolean;
  readonly throws?: "KuzzleError" | "Error" | "string";
}

/** Reactions by event. */
export type Reactions = Readonly<Record<string, Reaction>>;

/** An event as a pipe or a hook of the application saw it. */
export interface SeenEvent {
  readonly kind: "pipe" | "hook";
  readonly event: string;
  readonly documents?: unknown;
  readonly request: JSONObject;
}

const REQUEST_EVENTS = [
  "document:beforeUpdate",
  "document:afterUpdate",
  "document:errorUpdate",
  "request:onAuthorized",
  "request:onUnauthorized",
  "request:onExecution",
  "request:onSuccess",
  "request:onError",
];
const GENERIC_EVENTS = [
  "generic:document:beforeUpdate",
  "generic:document:afterUpdate",
];
const METADATA_EVENT = "generic:document:injectMetadata";
/** Requests with such an identifier are seen without being armed. */
export const OBSERVED = "observed-";
const STORAGE_ERROR = "services:storage:error";

/** What Kuzzle tells of an error of storage. */
interface StorageError {
  readonly message: string;
  readonly meta: JSONObject | null;
}

/**
 * Sees every event of a `document:update`, and makes pipes react as a test armed them: both by the
 * identifier of the request.
 */
export class ProbeController extends Controller {
  readonly #eventLoopDelay = monitorEventLoopDelay();
  readonly #held = new Map<string, () => void>();
  /** Starts to listen to the events again. */
  #listen = (): void => {};
  readonly #reactions = new Map<string, Reactions>();
  readonly #seen = new Map<string, SeenEvent[]>();

  constructor(app: Backend) {
    super(app);
    this.#eventLoopDelay.enable();
    this.definition = {
      actions: {
        arm: { handler: this.arm.bind(this) },
        collect: { handler: this.collect.bind(this) },
        contend: { handler: this.contend.bind(this) },
        isHeld: { handler: this.isHeld.bind(this) },
        memory: { handler: this.memory.bind(this) },
        observe: { handler: this.observe.bind(this) },
        release: { handler: this.release.bind(this) },
        vitals: { handler: this.vitals.bind(this) },
        updateAs: { handler: this.updateAs.bind(this) },
        updateLater: { handler: this.updateLater.bind(this) },
      },
    };

    app.hook.register(STORAGE_ERROR, (error: StorageError) =>
      this.#seeStorageError(error),
    );

    app.pipe.register("document:beforeCreate", (request: KuzzleRequest) =>
      this.#alsoUpdate(request),
    );

    // What nothing listens to is not fired.
    if (process.env["PROBE_EVENTS"] === "false") {
      return;
    }
    app.pipe.register("document-update:beforeModify", stamp);
    for (const event of REQUEST_EVENTS) {
      app.pipe.register(event, async (request: KuzzleRequest) => {
        this.#see("pipe", event, request);
        await this.#hold(event, request);
        await this.#updateOther(event, request);
        await this.#delete(event, request);
        return this.#react(event, request);
      });
      app.hook.register(event, (request: KuzzleRequest) =>
        this.#see("hook", event, request),
      );
    }
    for (const event of GENERIC_EVENTS) {
      app.pipe.register(
        event,
        async (documents: JSONObject[], request: KuzzleRequest) => {
          await this.#hold(event, request);
          await this.#updateOther(event, request);
          this.#see("pipe", event, request, documents);
          this.#react(event, request);
          const { documents: returned = documents, returnsNothing } =
            this.#reactionTo(event, request);
          return returnsNothing ? undefined : returned;
        },
      );
      app.hook.register(
        event,
        (documents: JSONObject[], request: KuzzleRequest) =>
          this.#see("hook", event, request, documents),
      );
    }
    // Where anything listens to it, no updates are folded.
    if (process.env["PROBE_METADATA"] === "false") {
      return;
    }
    app.pipe.register(
      METADATA_EVENT,
      async (payload: { metadata: JSONObject; request: KuzzleRequest }) => {
        await this.#hold(METADATA_EVENT, payload.request);
        await this.#delete(METADATA_EVENT, payload.request);
        await this.#updateOther(METADATA_EVENT, payload.request);
        this.#see("pipe", METADATA_EVENT, payload.request, payload.metadata);
        this.#react(METADATA_EVENT, payload.request);
        Object.assign(
          payload.metadata,
          this.#reactionTo(METADATA_EVENT, payload.request).result,
        );
        return payload;
      },
    );
  }

  /**
   * Arms the reactions to the events of one request. With `unheard`, nothing listens to them at all until
   * that request is observed: what nothing listens to is not fired.
   */
  async arm(request: KuzzleRequest): Promise<null> {
    this.#reactions.set(request.getString("target"), request.getBody());
    if (request.getBoolean("unheard")) {
      this.#listen();
      this.#listen = silence();
    }
    return null;
  }

  /** Tells the events of one request, and forgets them, and the documents as they are stored now. */
  async observe(request: KuzzleRequest): Promise<JSONObject> {
    const { collection, index } = request.getIndexAndCollection();
    this.#listen();
    this.#listen = () => {};
    const events = await this.collect(request);
    const stored = await this.app.sdk.document
      .mGet(index, collection, request.getBodyArray("ids"))
      .catch(({ id, message }: JSONObject) => ({ id, message }));

    return { events, stored };
  }

  /** Tells, and forgets, the events of one request. */
  async collect(request: KuzzleRequest): Promise<readonly SeenEvent[]> {
    const target = request.getString("target");
    const seen = this.#seen.get(target) ?? [];
    this.#seen.delete(target);
    this.#reactions.delete(target);
    return seen;
  }

  /** Tells whether a pipe holds a request. */
  async isHeld(request: KuzzleRequest): Promise<boolean> {
    return this.#held.has(request.getString("target"));
  }

  /** Lets a request go on that a pipe holds. */
  async release(request: KuzzleRequest): Promise<null> {
    this.#held.get(request.getString("target"))?.();
    return null;
  }

  /** Tells the bytes of the heap in use after a full collection, and the requests that Kuzzle holds. */
  async memory(): Promise<JSONObject> {
    const { concurrentRequests, pendingRequests } =
      global.kuzzle.funnel.metrics();
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    collectGarbage();
    return {
      heapUsed: process.memoryUsage().heapUsed,
      // Without this one.
      requests: concurrentRequests + pendingRequests - 1,
    };
  }

  /**
   * Tells the heap in use, in bytes, and the 99th percentile of the delay of the event loop since
   * the last call, in ms.
   */
  async vitals(): Promise<JSONObject> {
    const vitals = {
      eventLoopDelay: this.#eventLoopDelay.percentile(99) / 1e6,
      heapUsed: process.memoryUsage().heapUsed,
    };
    this.#eventLoopDelay.reset();
    return vitals;
  }

  /** Updates one document many times at once natively, and tells the ids of the errors. */
  async contend(request: KuzzleRequest): Promise<readonly unknown[]> {
    const { collection, index } = request.getIndexAndCollection();
    const outcomes = await Promise.allSettled(
      Array.from({ length: request.getInteger("updates") }, (_, count) =>
        this.app.sdk.document.update(index, collection, request.getId(), {
          count,
        }),
      ),
    );
    const ids = outcomes
      .filter((outcome) => outcome.status === "rejected")
      .map(({ reason }) => (reason as JSONObject)["id"] as unknown);

    return [...new Set(ids)];
  }

  /**
   * Calls the plugin's action, or the native one, from server code, as the user `kuid`, with a check of
   * rights or without, or as the application itself.
   */
  async updateAs(request: KuzzleRequest): Promise<JSONObject> {
    const { _id, checkRights, collection, index, isNative, kuid } =
      request.input.args;
    const sdk = kuid
      ? this.app.sdk.as(
          { _id: String(kuid) },
          { checkRights: checkRights === true },
        )
      : this.app.sdk;
    this.#reactions.set(request.id, {});

    const response = await sdk.query({
      _id,
      action: "update",
      body: request.getBody(),
      collection,
      controller: isNative ? "document" : "document-update",
      index,
      requestId: request.id,
    });
    const seen = this.#seen.get(request.id) ?? [];
    const events = seen
      .filter(({ kind }) => kind === "pipe")
      .map(({ event }) => event)
      .filter((event) => event.includes("document:"));

    return { events, response };
  }

  /** Updates a document by the plugin's action, and answers before it is stored. */
  async updateLater(request: KuzzleRequest): Promise<null> {
    const { collection, index } = request.getIndexAndCollection();
    const sdk = this.app.sdk.as({ _id: String(request.getKuid()) });
    void sdk.query({
      _id: request.getId(),
      action: "update",
      body: request.getBody(),
      collection,
      controller: "document-update",
      index,
    });
    return null;
  }

  async #delete(event: string, request: KuzzleRequest): Promise<void> {
    const { deletes } = this.#reactionTo(event, request);
    if (deletes === undefined) {
      return;
    }
    const { collection, index } = request.getIndexAndCollection();
    const { sdk } = this.app;
    const deletions = {
      collection: () => sdk.collection.delete(index, collection),
      document: () => sdk.document.delete(index, collection, request.getId()),
      index: () => sdk.index.delete(index),
      user: () => sdk.security.deleteUser(String(request.getKuid())),
    };
    await deletions[deletes]();
  }

  async #hold(event: string, { id }: KuzzleRequest): Promise<void> {
    if (this.#reactions.get(id)?.[event]?.holds) {
      await new Promise<void>((resolve) => this.#held.set(id, resolve));
      this.#held.delete(id);
    }
  }

  async #updateOther(event: string, request: KuzzleRequest): Promise<void> {
    const { updatesOther: _id } = this.#reactionTo(event, request);
    if (_id === undefined) {
      return;
    }
    const { collection, index } = request.getIndexAndCollection();
    const sdk = this.app.sdk.as({ _id: String(request.getKuid()) });
    // Others may write it at the same moment.
    const options = { retryOnConflict: 100 };
    await sdk.document.update(
      index,
      collection,
      _id,
      { natively: true },
      options,
    );
    await sdk.query({
      _id,
      action: "update",
      body: { throughThePlugin: true },
      collection,
      controller: "document-update",
      index,
    });
  }

  /** Updates another document by the plugin's action, where the body of a creation says so. */
  async #alsoUpdate(request: KuzzleRequest): Promise<KuzzleRequest> {
    const { args, body } = request.input;
    if (body?.["alsoUpdates"] !== undefined) {
      await this.app.sdk.query({
        _id: body["alsoUpdates"],
        action: "update",
        body: { by: args["_id"] },
        collection: args["collection"],
        controller: "document-update",
        index: args["index"],
      });
    }
    return request;
  }

  #reactionTo(event: string, request: KuzzleRequest): Reaction {
    return this.#reactions.get(request.id)?.[event] ?? {};
  }

  #isSeen({ id }: KuzzleRequest): boolean {
    return String(id).startsWith(OBSERVED) || this.#reactions.has(id);
  }

  #see(
    kind: SeenEvent["kind"],
    event: string,
    request: KuzzleRequest,
    documents?: unknown,
  ): void {
    if (!this.#isSeen(request)) {
      return;
    }
    const seen = this.#seen.get(request.id) ?? [];
    // Copied now: the request changes as it goes on.
    seen.push(
      structuredClone({
        documents: toJson(documents),
        event,
        kind,
        request: describe(request),
      }),
    );
    this.#seen.set(request.id, seen);
  }

  /** The event has no request: Kuzzle's asynchronous context has it. */
  #seeStorageError({ message, meta }: StorageError): void {
    const { asyncStore } = global.kuzzle;
    const request = asyncStore.exists()
      ? asyncStore.get<KuzzleRequest>("REQUEST")
      : undefined;
    if (!request || !this.#isSeen(request)) {
      return;
    }
    const { body, statusCode } = meta ?? {};
    const {
      body: sent,
      method,
      path,
      querystring,
    } = meta?.["meta"]?.request.params ?? {};
    const seen = this.#seen.get(request.id) ?? [];
    const documents = {
      body: toJson(body),
      message,
      request: {
        body: typeof sent === "string" ? JSON.parse(sent) : (sent ?? null),
        method,
        path,
        querystring: toJson(querystring),
      },
      statusCode,
    };
    seen.push(
      structuredClone({
        documents,
        event: STORAGE_ERROR,
        kind: "hook",
        request: {},
      }),
    );
    this.#seen.set(request.id, seen);
  }

  #react(event: string, request: KuzzleRequest): KuzzleRequest | undefined {
    const reaction = this.#reactionTo(event, request);

    if (reaction.logs) {
      global.kuzzle.log.info(`probe saw "${request.id}"`);
    }
    for (const [path, value] of Object.entries(reaction.set ?? {})) {
      write(request, path.split("."), value);
    }
    if (reaction.recover) {
      request.clearError();
    }
    if (reaction.result !== undefined && event !== METADATA_EVENT) {
      request.setResult(reaction.result, {
        ...(reaction.status !== undefined && { status: reaction.status }),
      });
    }
    if (
      reaction.headers ||
      reaction.raw !== undefined ||
      reaction.status !== undefined
    ) {
      request.response.configure({
        ...(reaction.headers && { headers: reaction.headers }),
        ...(reaction.raw !== undefined && {
          format: reaction.raw ? "raw" : "standard",
        }),
        ...(reaction.status !== undefined && { status: reaction.status }),
      });
    }
    for (const [name, value] of reaction.protocolHeaders ?? []) {
      request.response.setHeader(name, value);
    }
    if (reaction.deprecation !== undefined) {
      request.addDeprecation("1.2.3", reaction.deprecation);
    }
    if (reaction.throws) {
      throw thrown(reaction.throws, event);
    }
    if (reaction.returnsNothing) {
      return undefined;
    }
    if (reaction.replaceBody) {
      return replaced(request, reaction.replaceBody);
    }
    if (reaction.dropsUser) {
      const { data, options } = request.serialize();
      return new KuzzleRequest(data, { ...options, user: null });
    }

    return request;
  }
}

/** Puts the time into the changes of a modification that asks for it. */
async function stamp(request: KuzzleRequest): Promise<KuzzleRequest> {
  const { changes } = Object(request.input.body) as JSONObject;
  if (changes?.["isStamped"]) {
    changes["stamp"] = performance.now();
  }
  return request;
}

/**
 * Removes all that listens to the events of a `document:update`.
 *
 * @returns puts it back
 */
function silence(): () => void {
  const kuzzle = global.kuzzle as unknown as EventEmitter & {
    readonly pluginPipes: ReadonlyMap<string, unknown[]>;
  };
  const back = [...REQUEST_EVENTS, ...GENERIC_EVENTS, METADATA_EVENT].map(
    (event) => {
      const pipes = kuzzle.pluginPipes.get(event) ?? [];
      const removed = pipes.splice(0);
      const hooks = kuzzle.listeners(event) as (() => void)[];
      kuzzle.removeAllListeners(event);
      return () => {
        pipes.push(...removed);
        hooks.forEach((hook) => kuzzle.on(event, hook));
      };
    },
  );

  return () => back.forEach((each) => each());
}

function thrown(kind: NonNullable<Reaction["throws"]>, event: string): unknown {
  switch (kind) {
    case "KuzzleError": {
      const error = new BadRequestError(
        `vetoed at ${event}`,
        "app.probe.veto",
        0x09000001,
      );
      error.props = [event];
      return error;
    }
    case "Error":
      return new Error(`failed at ${event}`);
    case "string":
      return `broken at ${event}`;
  }
}

function replaced(request: KuzzleRequest, body: JSONObject): KuzzleRequest {
  const { data, options } = request.serialize();
  return new KuzzleRequest({ ...data, body }, options);
}

function write(
  target: JSONObject,
  [key = "", ...rest]: string[],
  value: unknown,
): void {
  if (rest.length > 0) {
    write(target[key], rest, value);
  } else if (value === undefined) {
    delete target[key];
  } else {
    target[key] = value;
  }
}

function describe(request: KuzzleRequest): JSONObject {
  const { context, error, id, input, result, status } = request;

  return toJson({
    connection: context.connection,
    deprecations: request.deprecations,
    error: error && {
      code: error.code,
      id: error.id,
      message: error.message,
      status: error.status,
    },
    headers: request.response.headers,
    id,
    input: {
      action: input.action,
      args: input.args,
      body: input.body,
      controller: input.controller,
      headers: input.headers,
      jwt: input.jwt,
      volatile: input.volatile,
    },
    raw: request.response.raw,
    result,
    status,
    token: context.token?._id ?? null,
    user: context.user?._id ?? null,
  }) as JSONObject;
}

function toJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
