import { createRequire } from "node:module";

import type { JSONObject } from "kuzzle";

import { Internal, Unanswered } from "./Internal";
import {
  type ClientCall,
  type ClientUpdate,
  type StorageClient,
  tagged,
  tagOf,
} from "./WriteTag";

/** Is told of an update without a tag: one that Kuzzle makes without the plugin. */
export type OnForeignUpdate = (params: JSONObject) => void;

/** Error classes of a version of the client. */
export interface ClientErrors {
  readonly ResponseError: new (meta: JSONObject) => Error;
}

/** Consequence, for warnings, if writes cannot be made conditional. */
export const WITHOUT_CONDITION =
  "those on a condition are refused, the patterns of `skipUnchanged` are not applied, and `guards` refuse updates that they would have to read the document for";

/** Property of the replaced method, which holds those who are told of updates without a tag. */
const SEAM = Symbol.for("kuzzle-plugin-document-update.update");

type Seam = ClientUpdate & { [SEAM]?: Set<OnForeignUpdate> };

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
  readonly #onForeign: OnForeignUpdate;

  constructor(onForeign: OnForeignUpdate) {
    super();
    this.#onForeign = onForeign;
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
    await global.kuzzle.ask(
      "core:storage:private:document:update",
      ...[engine()["internalIndex"].name, "config", "document-update-check"],
      ...[tagged({}, tag), {}],
    );
    if (isSeen) {
      handlers.add(this.#onForeign);
    }

    return isSeen;
  }
}

/** Tells whether this Elasticsearch supports `require_alias`: 7.10 and later. */
async function knowsRequireAlias(): Promise<boolean> {
  const client = global.app.storage.storageClient as StorageClient;
  const info = await client.info().catch((cause: unknown) => {
    throw new Unanswered("Elasticsearch has not told its version.", { cause });
  });
  const { number } = (isVersion8() ? info : info["body"])["version"];
  const [major = 0, minor = 0] = String(number).split(".").map(Number);

  return major > 7 || (major === 7 && minor >= 10);
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

function install(): Set<OnForeignUpdate> {
  const prototype = clientPrototype() as { update: Seam };
  const { update } = prototype;
  if (update[SEAM]) {
    return update[SEAM];
  }
  const handlers = new Set<OnForeignUpdate>();
  const seam: ClientUpdate = function (this: StorageClient, ...args) {
    const [params, ...rest] = args as [JSONObject | undefined];
    // Kuzzle itself passes no options.
    if (params && rest.length === 0) {
      const tag = tagOf(changesOf(params));
      if (tag) {
        return tag.onUpdate({ client: this, params, update });
      }
      handlers.forEach((onForeign) => onForeign(params));
    }

    return update.call(this, ...args);
  };
  prototype.update = Object.assign(seam, { [SEAM]: handlers });

  return handlers;
}

function engine(): JSONObject {
  return (global.kuzzle.config.services as JSONObject)["storageEngine"];
}
