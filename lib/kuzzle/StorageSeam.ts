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
 * Stores an update that Kuzzle makes without a tag.
 *
 * @returns nothing where the update is to go its native way
 */
export type UntaggedUpdate = (
  call: ClientCall,
) => Promise<JSONObject> | undefined;

/** The errors of a version of the client. */
export interface ClientErrors {
  readonly ResponseError: new (meta: JSONObject) => Error;
}

/** What it costs that a write cannot be made conditional. */
export const WITHOUT_CONDITION =
  "those on a condition are refused, the patterns of `skipUnchanged` are not applied, and `guards` refuse updates that they would have to read the document for";

/** Holds, on the function that stands before the client's own, what sees updates without a tag. */
const SEAM = Symbol.for("kuzzle-plugin-document-update.update");

type Seam = ClientUpdate & { [SEAM]?: Set<UntaggedUpdate> };

/**
 * Has updates be seen where Kuzzle asks its client of Elasticsearch for them.
 *
 * That client is out of reach, but `app.storage.storageClient` is of the same class: a method that is
 * set on the class stands before the one that it inherits.
 *
 * @see https://docs.kuzzle.io/core/2/framework/classes/backend-storage/
 */
export class StorageSeam extends Internal {
  readonly name = "its client of Elasticsearch";
  readonly cost = `updates are stored one by one, and ${WITHOUT_CONDITION}`;
  readonly #untagged: UntaggedUpdate | undefined;

  /** @param untagged stores the updates that have no tag; by default they go their native way */
  constructor(untagged?: UntaggedUpdate) {
    super();
    this.#untagged = untagged;
  }

  /** Installs the seam, and has Kuzzle send an update that it answers. */
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
    // One of its own collections is there in any case.
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

/** Tells whether this Elasticsearch can be told not to create an index: 7.10 and later. */
async function knowsRequireAlias(): Promise<boolean> {
  const client = global.app.storage.storageClient as StorageClient;
  const info = await client.info();
  const { number } = (isVersion8() ? info : info["body"])["version"];
  const [major = 0, minor = 0] = String(number).split(".").map(Number);

  return major > 7 || (major === 7 && minor >= 10);
}

/** Has Kuzzle store changes, as its document controller does. */
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

/** Has Kuzzle read a document of a collection of its own. */
export function askForRead(): Promise<unknown> {
  const { name } = engine()["internalIndex"] as { readonly name: string };

  return global.kuzzle.ask(
    "core:storage:private:document:get",
    ...[name, "config", "document-update-check"],
  );
}

/** Where the methods of Kuzzle's client can be replaced. */
export function clientPrototype(): object {
  const { storageClient } = global.app.storage;
  const { prototype } = storageClient.constructor as unknown as {
    prototype: object;
  };

  return prototype;
}

/** Major version of Elasticsearch, and so of the client. */
export function isVersion8(): boolean {
  return engine()["majorVersion"] === "8";
}

/** @throws where Kuzzle has no such dependency */
export function clientErrors(): ClientErrors {
  const requireAsKuzzle = createRequire(require.resolve("kuzzle/package.json"));
  const name = isVersion8() ? "sdk-es8" : "sdk-es7";
  const { errors } = requireAsKuzzle(name) as { errors: ClientErrors };
  if (typeof errors.ResponseError !== "function") {
    throw new TypeError(`${name} has no ResponseError`);
  }

  return errors;
}

/** What the client answers for an update; what Kuzzle reads of it. */
export function answerOf({ id }: JSONObject): JSONObject {
  return asAnswer({ _id: id as unknown, _version: 1, get: { _source: {} } });
}

/** What the client answers around what storage does: in version 7, that is the body of it. */
export function asAnswer(body: JSONObject): JSONObject {
  return isVersion8() ? body : { body };
}

/** What storage said, in an answer of the client. */
export function bodyOf(answer: JSONObject): JSONObject {
  return isVersion8() ? answer : (answer["body"] as JSONObject);
}

/** The changes of an update that the client is asked for: in version 7 they are in its body. */
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
    // Kuzzle gives no options.
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
