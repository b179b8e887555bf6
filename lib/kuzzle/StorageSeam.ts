import { createRequire } from "node:module";

import type { JSONObject } from "kuzzle";

import { firstAnswer } from "./firstAnswer";
import { Internal } from "./Internal";
import {
  type ClientCall,
  type ClientUpdate,
  type StorageClient,
  tagged,
  tagOf,
} from "./WriteTag";

/**
 * Stores an update without a tag, one that Kuzzle makes without the plugin.
 *
 * @returns undefined if the update is left to the client
 */
export type UntaggedUpdate = (
  call: ClientCall,
) => Promise<JSONObject> | undefined;

/** Error classes of a version of the client. */
export interface ClientErrors {
  readonly ResponseError: new (meta: JSONObject) => Error;
}

/** Consequence, for warnings, if writes cannot be made conditional. */
export const WITHOUT_CONDITION =
  "those on a condition are refused, the patterns of `skipUnchanged` are not applied, and `guards` refuse updates that they would have to read the document for";

/** Property of the replaced method, which holds the handlers of updates without a tag. */
const SEAM = Symbol.for("kuzzle-plugin-document-update.update");

type Seam = ClientUpdate & { [SEAM]?: Set<UntaggedUpdate> };

/**
 * Lets the plugin send updates, by replacing the method `update` of Kuzzle's client of Elasticsearch.
 *
 * That client itself is out of reach, but `app.storage.storageClient` is of the same class: a method
 * that is defined on the class hides the one that it inherits.
 *
 * @see https://docs.kuzzle.io/core/2/framework/classes/backend-storage/
 */
export class StorageSeam extends Internal {
  readonly name = "its client of Elasticsearch";
  readonly cost = `updates are stored one by one, and ${WITHOUT_CONDITION}`;
  readonly #untagged: UntaggedUpdate | undefined;

  /** @param untagged stores updates without a tag; by default they are left to the client */
  constructor(untagged?: UntaggedUpdate) {
    super();
    this.#untagged = untagged;
  }

  /** Replaces the method, and has Kuzzle make an update to check that it is called. */
  protected async check(): Promise<boolean> {
    if (!(await knowsRequireAlias())) {
      return false;
    }
    clientErrors();
    const handlers = install();
    let isSeen = false;
    const tag = {
      onUpdate: ({ params }: ClientCall) => {
        isSeen = true;
        return Promise.resolve(answerOf(params));
      },
      onValidate: () => false,
    };
    // A collection of Kuzzle's own, which always exists.
    await askForUpdate(
      "private",
      engine()["internalIndex"].name,
      "config",
      tagged({}, tag),
    );
    if (isSeen && this.#untagged) {
      handlers.add(this.#untagged);
    }

    return isSeen;
  }
}

/** Tells whether this Elasticsearch supports `require_alias`: 7.10 and later. */
async function knowsRequireAlias(): Promise<boolean> {
  const client = global.app.storage.storageClient as StorageClient;
  const info = await client.info();
  const { number } = (isVersion8() ? info : info["body"])["version"];
  const [major = 0, minor = 0] = String(number).split(".").map(Number);

  return major > 7 || (major === 7 && minor >= 10);
}

/** Has Kuzzle store changes by the same internal event as its document controller does. */
export function askForUpdate(
  scope: "private" | "public",
  index: string,
  collection: string,
  changes: JSONObject,
): Promise<unknown> {
  return global.kuzzle.ask(
    `core:storage:${scope}:document:update`,
    ...[index, collection, "document-update-check", changes, {}],
  );
}

/** Has Kuzzle read a document of one of its own collections. */
export function askForRead(): Promise<unknown> {
  const { name } = engine()["internalIndex"] as { readonly name: string };

  return global.kuzzle.ask(
    "core:storage:private:document:get",
    ...[name, "config", "document-update-check"],
  );
}

/** Returns the prototype on which methods of Kuzzle's client are replaced. */
export function clientPrototype(): object {
  const { storageClient } = global.app.storage;
  const { prototype } = storageClient.constructor as unknown as {
    prototype: object;
  };

  return prototype;
}

/** Tells whether Elasticsearch, and so the client, is of version 8 rather than 7. */
export function isVersion8(): boolean {
  return engine()["majorVersion"] === "8";
}

/** @throws if Kuzzle has no such dependency */
export function clientErrors(): ClientErrors {
  const requireAsKuzzle = createRequire(require.resolve("kuzzle/package.json"));
  const name = isVersion8() ? "sdk-es8" : "sdk-es7";
  const { errors } = requireAsKuzzle(name) as { errors: ClientErrors };
  if (typeof errors.ResponseError !== "function") {
    throw new TypeError(`${name} has no ResponseError`);
  }

  return errors;
}

/** Makes an answer to an update, with the properties that Kuzzle reads. */
export function answerOf({ id }: JSONObject): JSONObject {
  return asAnswer({ _id: id as unknown, _version: 1, get: { _source: {} } });
}

/** Wraps what storage answers as the client does: in version 7, as `body`. */
export function asAnswer(body: JSONObject): JSONObject {
  return isVersion8() ? body : { body };
}

/** Unwraps what storage answered from an answer of the client. */
export function bodyOf(answer: JSONObject): JSONObject {
  return isVersion8() ? answer : (answer["body"] as JSONObject);
}

/** Returns the changes of an update from the client's parameters: in version 7, they are in `body`. */
export function changesOf({ body, doc }: JSONObject): unknown {
  return isVersion8() ? doc : (body as JSONObject | undefined)?.["doc"];
}

function install(): Set<UntaggedUpdate> {
  const prototype = clientPrototype() as { update: Seam };
  const { update } = prototype;
  if (update[SEAM]) {
    return update[SEAM];
  }
  const handlers = new Set<UntaggedUpdate>();
  const seam: ClientUpdate = function (this: StorageClient, ...args) {
    const [params, ...rest] = args as [JSONObject | undefined];
    // Kuzzle itself passes no options.
    if (params && rest.length === 0) {
      const call = { client: this, params, update };
      const tag = tagOf(changesOf(params));
      const answer = tag ? tag.onUpdate(call) : firstAnswer(handlers, call);
      if (answer) {
        return answer;
      }
    }

    return update.call(this, ...args);
  };
  prototype.update = Object.assign(seam, { [SEAM]: handlers });

  return handlers;
}

function engine(): JSONObject {
  return (global.kuzzle.config.services as JSONObject)["storageEngine"];
}
