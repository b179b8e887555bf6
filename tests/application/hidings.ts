import type { Backend, EmbeddedSDK, JSONObject, KuzzleRequest } from "kuzzle";

/** Whatever has methods. */
type Inside = Record<string, unknown>;

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Ways in which another version of Kuzzle could differ. Kuzzle itself keeps working: what is hidden
 * is hidden from the plugin only.
 */
export const hidings = {
  /** The pipes are in a map of another name. */
  "pipes' map": () => {
    const kuzzle = global.kuzzle as unknown as Inside;
    showInstead(kuzzle, "pluginPipes", "kuzzle/kuzzleState", () => undefined);
  },

  /** The specifications are in a `Map`. */
  specifications: () => {
    const { validation } = global.kuzzle as unknown as { validation: Inside };
    showInstead(
      validation,
      "specification",
      "kuzzle/kuzzleState",
      (specifications) => new Map(Object.entries(specifications as object)),
    );
  },

  /** Profiles are read without the hook that tells of it. */
  "profiles' hook": () => {
    const kuzzle = global.kuzzle as unknown as {
      ask: AnyFunction;
      coreAnswerers: Map<string, AnyFunction>;
    };
    const { ask, coreAnswerers } = kuzzle;
    const event = "core:security:profile:mGet";
    kuzzle.ask = async function (asked, ...args) {
      return asked === event
        ? coreAnswerers.get(event)?.(...args)
        : ask.call(this, asked, ...args);
    };
  },

  /** Requests of server code are copied as JSON has them, but for those of the plugin's check. */
  tags: () => {
    const { funnel } = global.kuzzle as unknown as { funnel: Inside };
    const execute = funnel["executePluginRequest"] as AnyFunction;
    funnel["executePluginRequest"] = function (
      this: unknown,
      request: unknown,
    ) {
      const { input } = request as KuzzleRequest;
      const isOfCheck = input.args["index"] === "document-update";
      if (input.action === "update" && input.body && !isOfCheck) {
        input.body = JSON.parse(JSON.stringify(input.body)) as JSONObject;
      }
      return execute.call(this, request);
    };
  },

  /** Redis does not execute commands. */
  "memory storage": (_: Backend, sdk: EmbeddedSDK) => {
    const protocol = protocolOf(sdk);
    const { query } = protocol;
    protocol.query = async function (request) {
      if (request["controller"] === "ms") {
        throw new Error("out of memory");
      }
      return query.call(this, request);
    };
  },

  /** Another validation is in use than the one that can be replaced. */
  validation: () => {
    const { validation } = global.kuzzle as unknown as { validation: Inside };
    keep(validation, "validate");
  },

  /** The validation has another name. */
  "validation's name": () => {
    const { validation } = global.kuzzle as unknown as { validation: Inside };
    showInstead(validation, "validate", "kuzzle/Seams", () => {});
  },

  /** Kuzzle's own client is of another class than the one of `app.storage`. */
  "client's class": (app: Backend) => {
    const { storageClient } = app.storage;
    const { constructor } = storageClient as unknown as {
      constructor: new (...args: never[]) => object;
    };
    class AnotherClient extends constructor {}
    const client = Object.create(
      AnotherClient.prototype,
      Object.getOwnPropertyDescriptors(storageClient),
    ) as object;
    Object.defineProperty(client, "constructor", { value: AnotherClient });
    Object.defineProperty(app.storage, "storageClient", { value: client });
  },

  /** A method of the class of the client cannot be changed. */
  "client's update": (app: Backend) => freeze(app, "update"),
  "client's get": (app: Backend) => freeze(app, "get"),

  /** The document controller keeps its method. */
  "native update": () => keep(documentController(), "update"),

  /** The funnel's `execute` does nothing but delegate, as in Kuzzle 2.57. */
  "funnel's execute": () => {
    const { funnel } = global.kuzzle as unknown as { funnel: Inside };
    const prototype = Object.getPrototypeOf(funnel) as Inside;
    const execute = prototype["execute"] as AnyFunction;
    prototype["execute"] = function (...args: unknown[]) {
      return execute.apply(this, args);
    };
  },
} satisfies Record<string, (app: Backend, sdk: EmbeddedSDK) => void>;

export type Hiding = keyof typeof hidings;

function clientPrototype(app: Backend): Inside {
  const { constructor } = app.storage.storageClient as unknown as {
    constructor: { prototype: Inside };
  };

  return constructor.prototype;
}

/** Has an object ignore that a method is replaced. */
function keep(object: object, method: string): void {
  const value: unknown = Reflect.get(object, method);
  Object.defineProperty(object, method, { get: () => value, set: () => {} });
}

function freeze(app: Backend, method: "get" | "update"): void {
  const prototype = clientPrototype(app);
  Object.defineProperty(prototype, method, {
    value: prototype[method],
    writable: false,
  });
}

interface Protocol {
  query: (this: unknown, request: JSONObject) => Promise<unknown>;
}

/** The protocol of every embedded SDK. */
function protocolOf(sdk: EmbeddedSDK): Protocol {
  const { protocol } = sdk as unknown as { protocol: Protocol };

  return Object.getPrototypeOf(protocol) as Protocol;
}

interface DocumentController {
  update: (request: KuzzleRequest) => Promise<unknown>;
}

function documentController(): DocumentController {
  const { funnel } = global.kuzzle as unknown as {
    funnel: { controllers: ReadonlyMap<string, DocumentController> };
  };

  return funnel.controllers.get("document")!;
}

/** Which updates have passed another plugin, by its name. */
export const passed: Record<string, string[]> = {};

/** Has another plugin stand before the document controller's `update`. */
export function wrapUpdate(name: string): void {
  const controller = documentController();
  const { update } = controller;
  passed[name] = [];
  controller.update = async function (request) {
    passed[name]!.push(request.input.args["_id"] as string);
    return update.call(this, request);
  };
}

/** Shows a file of the plugin something else than Kuzzle itself sees. */
function showInstead(
  object: Inside,
  property: string,
  file: string,
  view: (value: unknown) => unknown,
): void {
  let value = object[property];
  Object.defineProperty(object, property, {
    get: () => (isAskedBy(file) ? view(value) : value),
    set: (changed) => {
      value = changed;
    },
  });
}

/** Tells whether a file of the plugin is among those that have called. */
function isAskedBy(file: string): boolean {
  const { stack } = new Error();

  return stack?.includes(`/${file}.`) ?? false;
}
