import type { JSONObject } from "kuzzle";

/** The part of an Elasticsearch client that is used here, in any version. */
export interface StorageClient {
  bulk(params: JSONObject, options?: JSONObject): Promise<JSONObject>;
  get(params: JSONObject, options?: JSONObject): Promise<JSONObject>;
  index(params: JSONObject, options?: JSONObject): Promise<JSONObject>;
  info(): Promise<JSONObject>;
  mget(params: JSONObject, options: JSONObject): Promise<JSONObject>;
  readonly indices: {
    getSettings(params: JSONObject, options: JSONObject): Promise<JSONObject>;
  };
  readonly serializer: { deserialize(json: string): unknown };
}

/**
 * Returns a client of Kuzzle's storage for requests of the plugin's own.
 *
 * @see https://docs.kuzzle.io/core/2/framework/classes/backend-storage/
 */
export function newStorageClient(): StorageClient {
  return global.app.storage.storageClient as StorageClient;
}

/** What the versions of the client do differently. */
export interface ClientVersion {
  /** Makes an answer of the client of what storage answers to a read or a write. */
  readonly answer: (body: JSONObject) => JSONObject;
  /** These make the part of a request's parameters that is sent as its body. */
  readonly bulk: (operations: string) => JSONObject;
  readonly index: (document: JSONObject) => JSONObject;
  readonly mget: (ids: readonly string[]) => JSONObject;
  /** Class of the errors for what storage refuses. */
  readonly ResponseError: new (meta: JSONObject) => Error;
}

type Forms = Omit<ClientVersion, "ResponseError">;

export const VERSION_7: Forms = {
  answer: (body) => ({ body }),
  bulk: (operations) => ({ body: operations }),
  index: (document) => ({ body: document }),
  mget: (ids) => ({ body: { ids } }),
};

export const VERSION_8: Forms = {
  answer: (body) => body,
  bulk: (operations) => ({ operations }),
  index: (document) => ({ document }),
  mget: (ids) => ({ ids }),
};

/** Thrown if storage does not answer, which says nothing of Kuzzle. */
export class Unanswered extends Error {}

/**
 * Asks a client which version it is, by the form of an answer and the class of an error. Neither Kuzzle's
 * configuration nor the name of a package can tell: a driver may bring another client.
 *
 * @param missing parameters of a read that finds no document
 * @returns undefined if Elasticsearch does not support `require_alias`: before 7.10
 * @throws Unanswered
 */
export async function askVersion(
  client: StorageClient,
  missing: JSONObject,
): Promise<ClientVersion | undefined> {
  const [info, error] = await Promise.all([
    client.info().catch(unanswered),
    client.get(missing).then(unanswered, (refused: Error) => refused),
  ]);
  if (error.name !== "ResponseError") {
    return unanswered(error);
  }
  const ResponseError = error.constructor as ClientVersion["ResponseError"];
  const { number } = bodyOf(info)["version"];
  const [major = 0, minor = 0] = String(number).split(".").map(Number);
  const isNewEnough = major > 7 || (major === 7 && minor >= 10);

  return isNewEnough
    ? { ...("body" in info ? VERSION_7 : VERSION_8), ResponseError }
    : undefined;
}

function unanswered(cause: unknown): never {
  throw new Unanswered("Elasticsearch has not answered.", { cause });
}

/** Unwraps what storage answers to a read or a write: version 7 of the client has it as `body`. */
export function bodyOf(answer: JSONObject): JSONObject {
  return (answer["body"] ?? answer) as JSONObject;
}

/** Returns the changes of an update from the client's parameters: version 7 has them in `body`. */
export function changesOf({ body, doc }: JSONObject): unknown {
  return doc ?? (body as JSONObject | undefined)?.["doc"];
}

/** Returns the document of a create from the client's parameters: version 7 has it as `body`. */
export function contentOf({ body, document }: JSONObject): unknown {
  return document ?? body;
}
