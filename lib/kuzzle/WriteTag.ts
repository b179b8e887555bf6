import type { JSONObject, KuzzleRequest } from "kuzzle";

import type { ClientVersion, StorageClient } from "./storageClient";

/** A call of a method of Kuzzle's client. */
interface AnyCall {
  readonly client: StorageClient;
  readonly params: JSONObject;
  readonly version: ClientVersion;
}

/** A call of the method `update`. */
export interface ClientCall extends AnyCall {
  /** Kuzzle passes none; a conditional write sets them. */
  readonly options?: JSONObject;
  /** The client's own method. */
  readonly update: ClientUpdate;
}

export type ClientUpdate = (
  this: StorageClient,
  ...args: readonly unknown[]
) => Promise<JSONObject>;

/** A call of the method `index`, by which Kuzzle creates a document. */
export interface CreateCall extends AnyCall {
  /** The client's own method. */
  readonly index: ClientUpdate;
}

/** A call of the method `get` with an `index` and an `id`, and nothing else. */
export interface ReadCall extends AnyCall {
  /** The client's own method. */
  readonly get: ClientGet;
}

export type ClientGet = StorageClient["get"];

/** Reads a document in place of the client's own method. */
export type Read = (call: ReadCall) => Promise<JSONObject>;

/** Callbacks for an update, or the creation of a document, as it passes through Kuzzle. */
export interface WriteTag {
  /**
   * Called before Kuzzle reads and validates the document.
   *
   * @param request as Kuzzle runs it
   * @returns true if there is nothing to validate, so that the read is skipped
   * @throws to refuse the update
   */
  onValidate?(request: KuzzleRequest): boolean;
  /** Reads the document for validation, in place of the client's own method. */
  readonly read?: Read | undefined;
  /** Stores the update in place of the client's own method. */
  onUpdate?(call: ClientCall): Promise<JSONObject>;
  /** Creates the document in place of the client's own method. */
  onCreate?(call: CreateCall): Promise<JSONObject>;
}

/**
 * A property of an update's changes by which the update is recognized inside Kuzzle. Kuzzle copies it
 * together with the changes, `{ ...changes, _kuzzle_info }`, up to its client of Elasticsearch. JSON
 * leaves it out, because its key is a symbol.
 *
 * It belongs to exactly this update, even if a pipe updates the same document meanwhile, or the
 * asynchronous context gets lost.
 */
const TAG = Symbol("document-update.tag");

interface Tagged {
  [TAG]?: WriteTag;
}

/** Returns a copy of changes, with a tag. */
export function tagged(changes: JSONObject, tag: WriteTag): JSONObject {
  return { ...changes, [TAG]: tag };
}

/** Puts a tag on changes themselves: the body of a client's own request. */
export function tagInPlace(changes: Tagged, tag: WriteTag): void {
  changes[TAG] = tag;
}

/** Removes the tag from changes, such as those that Kuzzle returns. */
export function untag(changes: unknown): void {
  if (typeof changes === "object" && changes !== null) {
    delete (changes as Tagged)[TAG];
  }
}

export function tagOf(changes: unknown): WriteTag | undefined {
  return (changes as Tagged | null | undefined)?.[TAG];
}
