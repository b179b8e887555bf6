import type { JSONObject, KuzzleRequest } from "kuzzle";

/** A client of Elasticsearch, in version 7 or 8; what is used of it. */
export interface StorageClient {
  bulk(params: JSONObject, options?: JSONObject): Promise<JSONObject>;
  get(params: JSONObject): Promise<JSONObject>;
  index(params: JSONObject, options?: JSONObject): Promise<JSONObject>;
  info(): Promise<JSONObject>;
  mget(params: JSONObject, options: JSONObject): Promise<JSONObject>;
  readonly indices: {
    getSettings(params: JSONObject, options: JSONObject): Promise<JSONObject>;
  };
  readonly serializer: { deserialize(json: string): unknown };
}

/** The method `update` of a client. */
export type ClientUpdate = (
  this: StorageClient,
  ...args: readonly unknown[]
) => Promise<JSONObject>;

/** A call of a client's method `update`. */
export interface ClientCall {
  readonly client: StorageClient;
  readonly params: JSONObject;
  /** Kuzzle gives none. */
  readonly options?: JSONObject;
  /** The client's own method. */
  readonly update: ClientUpdate;
}

/** A call of a client's method `get`, of a document by its `id` in its `index`, and nothing else. */
export interface ReadCall {
  readonly client: StorageClient;
  readonly params: JSONObject;
  /** The client's own method. */
  readonly get: ClientGet;
}

export type ClientGet = StorageClient["get"];

/** Reads a document in place of the client's own method. */
export type Read = (call: ReadCall) => Promise<JSONObject>;

/** What becomes of an update on its way through Kuzzle. */
export interface WriteTag {
  /**
   * Called before Kuzzle reads and validates the document.
   *
   * @param request that Kuzzle runs
   * @returns whether there is nothing to validate, so that the document need not be read
   * @throws to refuse the update
   */
  onValidate(request: KuzzleRequest): boolean;
  /** Reads the document for its validation, in place of the client's own method. */
  readonly read?: Read | undefined;
  /** Stores the update in place of the client's own method. */
  onUpdate(call: ClientCall): Promise<JSONObject>;
}

/**
 * Property of changes by which an update is known on its way through Kuzzle, which copies it with the
 * changes, `{ ...changes, _kuzzle_info }`, up to its client of Elasticsearch. JSON leaves it out.
 *
 * So it is exactly this update that is known, whatever else happens in its course: a pipe that
 * updates the same document, or an asynchronous context that gets lost.
 */
const TAG = Symbol.for("kuzzle-plugin-document-update.tag");

interface Tagged {
  [TAG]?: WriteTag;
}

/** Returns a copy of changes that has a tag. */
export function tagged(changes: JSONObject, tag: WriteTag): JSONObject {
  return { ...changes, [TAG]: tag };
}

/** Takes the tag off what Kuzzle made of changes. */
export function untag(changes: Tagged): void {
  delete changes[TAG];
}

export function tagOf(changes: unknown): WriteTag | undefined {
  return (changes as Tagged | null | undefined)?.[TAG];
}
