import { AsyncLocalStorage } from "node:async_hooks";

import { type JSONObject, type KuzzleRequest, PreconditionError } from "kuzzle";

import {
  type ClientGet,
  type ClientUpdate,
  type Read,
  tagged,
  tagOf,
} from "./WriteTag";
import { aliasOf } from "./collections";
import { execute } from "./application";
import {
  areListenersKnown,
  areSpecificationsKnown,
  hearing,
  isFieldNeeded,
  isSpecified,
} from "./kuzzleState";
import {
  askVersion,
  changesOf,
  type ClientVersion,
  contentOf,
  newStorageClient,
  type StorageClient,
  Unanswered,
} from "./storageClient";

/** The method `update` of Kuzzle's document controller. */
export type NativeUpdate = (request: KuzzleRequest) => Promise<unknown>;

/** Handles a native update in place of the method, which it is given to call. */
export type UpdateHandler = (
  request: KuzzleRequest,
  native: NativeUpdate,
) => Promise<unknown>;

type Validate = (
  request: KuzzleRequest,
  ...rest: readonly unknown[]
) => Promise<unknown>;

/** Runs something in the course of which Kuzzle has to call the given function, which ends it. */
type Probe = (reach: () => never) => unknown;

/** A document that does not exist, for the check. */
const CHECKED = { _id: "check", collection: "check", index: "document-update" };
/** As messages name it. */
const CLIENT = "its client of Elasticsearch";
/** Pause before a check that got no answer from storage is run again, in ms. */
const PAUSE = 500;

/**
 * The methods of Kuzzle that the plugin replaces (its seams), and the state of Kuzzle that it reads: what it
 * uses beyond Kuzzle's documented API.
 *
 * It is used once a check has passed, all of it or none. Until then, and if the check fails, the methods
 * only call those that they have replaced.
 */
export class Seams {
  readonly #onForeignUpdate: (params: JSONObject) => void;
  readonly #reading = new AsyncLocalStorage<Read | undefined>();
  #isIntercepting = false;
  #isNativeUpdateSeen = false;
  #version: ClientVersion | undefined;

  /** @param onForeignUpdate is told of updates that Kuzzle sends to storage without the plugin */
  constructor(onForeignUpdate: (params: JSONObject) => void) {
    this.#onForeignUpdate = onForeignUpdate;
  }

  /** Whether the check has passed. Once it has, that stays so. */
  get isTrusted(): boolean {
    return this.#version !== undefined;
  }

  /** The version of Kuzzle's client of Elasticsearch; undefined until the check has passed. */
  get version(): ClientVersion | undefined {
    return this.#version;
  }

  /** Makes a function that tells whether anything listens to some events. True until the check has passed. */
  hearing(...args: Parameters<typeof hearing>): () => boolean {
    const isHeard = hearing(...args);

    return () => !this.isTrusted || isHeard();
  }

  /** Tells whether documents of a collection are validated. True until the check has passed. */
  isSpecified(index: string, collection: string): boolean {
    return !this.isTrusted || isSpecified(index, collection);
  }

  /** Tells whether a specification needs a field. False until the check has passed. */
  isFieldNeeded(...field: Parameters<typeof isFieldNeeded>): boolean {
    return this.isTrusted && isFieldNeeded(...field);
  }

  /**
   * Replaces the methods. One that cannot be replaced is left to the check to find.
   *
   * @param onNativeUpdate handles every native `document:update`; without it, that method is not replaced
   */
  install(onNativeUpdate?: UpdateHandler): void {
    this.#isIntercepting = onNativeUpdate !== undefined;
    for (const replace of [
      () => this.#replaceValidate(),
      () => this.#replaceGet(),
      () => this.#replaceUpdate(),
      () => this.#replaceIndex(),
      () => onNativeUpdate && this.#replaceNativeUpdate(onNativeUpdate),
    ]) {
      try {
        replace();
      } catch {
        // The check will not see it called.
      }
    }
  }

  /**
   * Runs the check, before Kuzzle serves requests. If storage does not answer, it is run again until it
   * does.
   *
   * @param onLate is told what is missing if a check that is run again fails
   * @returns what is missing
   */
  async verify(
    onLate: (missing: readonly string[]) => void,
  ): Promise<readonly string[]> {
    try {
      return await this.#check();
    } catch (error) {
      if (!(error instanceof Unanswered)) {
        return [`${CLIENT} (${String(error)})`];
      }
      const again = async () => {
        const missing = await this.verify(onLate);
        if (missing.length > 0) {
          onLate(missing);
        }
      };
      setTimeout(() => void again(), PAUSE).unref();
      return [];
    }
  }

  /** @throws Unanswered */
  async #check(): Promise<readonly string[]> {
    const probes: Readonly<Record<string, Probe>> = {
      [CLIENT]: (reach) => {
        const tag = { onUpdate: reach };
        return askStorage("update", CHECKED._id, tagged({}, tag), {});
      },
      "its creation of documents": (reach) => {
        const tag = { onCreate: reach, onValidate: endsHere };
        return askStorage("create", tagged({}, tag), { id: CHECKED._id });
      },
      "the validation of its document controller": (reach) => {
        const tag = { onUpdate: endsHere, onValidate: reach };
        return execute({ ...CHECKED, action: "update", body: tagged({}, tag) });
      },
      "its reads of documents": (reach) =>
        this.#reading.run(reach, () => askStorage("get", CHECKED._id)),
      // That update has come by it.
      "its document controller": (reach) =>
        (!this.#isIntercepting || this.#isNativeUpdateSeen) && reach(),
      "its map of pipes and hooks": (reach) => areListenersKnown() && reach(),
      "its specifications of collections": (reach) =>
        areSpecificationsKnown() && reach(),
    };
    const missing: string[] = [];
    for (const [part, probe] of Object.entries(probes)) {
      if (!(await isReached(probe))) {
        missing.push(part);
      }
    }
    if (missing.length > 0) {
      return missing;
    }
    const { _id, collection, index } = CHECKED;
    this.#version = await askVersion(newStorageClient(), {
      id: _id,
      index: aliasOf(index, collection),
    });

    return this.isTrusted ? [] : [CLIENT];
  }

  /**
   * The tag of an update decides whether Kuzzle has to read and validate its document.
   *
   * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/core/validation/validation.js `validate`
   */
  #replaceValidate(): void {
    const reading = this.#reading;
    const { validation } = global.kuzzle as unknown as {
      readonly validation: { validate: Validate };
    };
    const validate = required(validation.validate);
    validation.validate = function (this: unknown, request, ...rest) {
      const tag = tagOf(request.input?.body);
      if (tag?.onValidate?.(request)) {
        return Promise.resolve(request);
      }
      const run = () => validate.call(this, request, ...rest);
      return tag?.read ? reading.run(tag.read, run) : run();
    };
  }

  /**
   * The tag of an update reads its document for the validation. The call itself has no tag, and is known by
   * its asynchronous context; if that got lost, the client reads the document.
   */
  #replaceGet(): void {
    const reading = this.#reading;
    const version = () => this.#version!;
    const client = clientPrototype();
    const get = required(client.get);
    client.get = function (...args) {
      const read = reading.getStore();
      if (!read || !isPlainRead(args)) {
        return get.apply(this, args);
      }
      const [params] = args;
      const call = { client: this, get, params, version: version() };
      // Reads that `read` itself makes go to the client.
      return reading.run(undefined, () => read(call));
    };
  }

  /** The tag of an update stores it. Kuzzle itself passes no options. */
  #replaceUpdate(): void {
    const onForeignUpdate = this.#onForeignUpdate;
    const version = () => this.#version!;
    const client = clientPrototype();
    const update = required(client.update);
    client.update = function (...args) {
      const [params, ...rest] = args as [JSONObject | undefined];
      if (params && rest.length === 0) {
        const tag = tagOf(changesOf(params));
        if (tag?.onUpdate) {
          const call = { client: this, params, update, version: version() };
          return tag.onUpdate(call);
        }
        onForeignUpdate(params);
      }
      return update.call(this, ...args);
    };
  }

  /** The tag of a document that the plugin creates stores it. */
  #replaceIndex(): void {
    const version = () => this.#version!;
    const client = clientPrototype();
    const index = required(client.index);
    client.index = function (...args) {
      const [params] = args as [JSONObject | undefined];
      const tag = tagOf(params && contentOf(params));
      return tag?.onCreate
        ? tag.onCreate({
            client: this,
            index,
            params: params!,
            version: version(),
          })
        : index.call(this, ...args);
    };
  }

  /**
   * Kuzzle calls this method for clients of every protocol and for server code, after it has checked the
   * rights and fired the before events, and before the after events. What is called in its place is the
   * method of the class, or one that another plugin has put there.
   *
   * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/api/funnel.js `doAction`
   */
  #replaceNativeUpdate(onNativeUpdate: UpdateHandler): void {
    const { funnel } = global.kuzzle as unknown as {
      readonly funnel: {
        readonly controllers: ReadonlyMap<string, { update: NativeUpdate }>;
      };
    };
    const controller = funnel.controllers.get("document")!;
    const update = required(controller.update);
    controller.update = (request) => {
      this.#isNativeUpdateSeen = true;
      return onNativeUpdate(request, (seen) => update.call(controller, seen));
    };
  }
}

async function isReached(probe: Probe): Promise<boolean> {
  let isReached = false;
  try {
    await probe(() => {
      isReached = true;
      return endsHere();
    });
  } catch {
    // What counts is whether it has come so far.
  }

  return isReached;
}

function endsHere(): never {
  // Kuzzle passes its own errors on, and tells nobody of them.
  throw new PreconditionError("A check ends here.", "", 0);
}

function required<TMethod>(method: TMethod): TMethod {
  if (typeof method !== "function") {
    throw new TypeError("There is no such method to replace.");
  }

  return method;
}

/**
 * Returns the class of Kuzzle's client of Elasticsearch. That client itself is out of reach, but
 * `app.storage.storageClient` is of the same class.
 *
 * @see https://docs.kuzzle.io/core/2/framework/classes/backend-storage/
 */
function clientPrototype(): {
  get: (
    this: StorageClient,
    ...args: Parameters<ClientGet>
  ) => Promise<JSONObject>;
  index: ClientUpdate;
  update: ClientUpdate;
} {
  const { constructor } = newStorageClient() as unknown as {
    readonly constructor: {
      readonly prototype: ReturnType<typeof clientPrototype>;
    };
  };

  return constructor.prototype;
}

/** Tells whether a call has the form that Kuzzle uses to read a document: index and id, and no options. */
function isPlainRead([params, ...rest]: readonly unknown[]): boolean {
  const keys = Object.keys(Object(params) as object);

  return rest.length === 0 && keys.sort().join() === "id,index";
}

/** Has Kuzzle's storage work on a document of a collection of its own, which always exists. */
function askStorage(
  action: "create" | "get" | "update",
  ...args: readonly unknown[]
): Promise<unknown> {
  const { storageEngine } = global.kuzzle.config.services as JSONObject;
  const { name } = storageEngine["internalIndex"] as { readonly name: string };

  return global.kuzzle.ask(
    `core:storage:private:document:${action}`,
    ...[name, "config", ...args],
  );
}
