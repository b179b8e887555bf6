import type { EmbeddedSDK, JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import type { Read } from "../kuzzle/WriteTag";
import { aliasOf, type Target } from "../kuzzle/alias";
import {
  bodyOf,
  type ClientVersion,
  newStorageClient,
} from "../kuzzle/storageClient";
import { type StoredDocument, storedDocument } from "./StoredDocument";

/**
 * Reads a document with its sequence number and primary term, which Kuzzle's API does not return.
 *
 * @param version undefined if Kuzzle is not as expected, or not checked yet
 * @param read replaces the client's own method
 * @throws the error of native `document:get`, if the document cannot be read;
 * plugin.document-update.conditional_writes_unavailable if Kuzzle can read the document, but this
 * function cannot, and if writes cannot be made conditional
 * @see https://docs.kuzzle.io/core/2/framework/classes/backend-storage/
 */
export async function readDocument(
  sdk: Pick<EmbeddedSDK, "document">,
  version: ClientVersion | undefined,
  { _id, collection, index }: Target,
  read: Read = ({ client, get, params }) => get.call(client, params),
): Promise<StoredDocument> {
  if (version === undefined) {
    throw unavailable();
  }
  const client = newStorageClient();
  const params = { id: _id, index: aliasOf(index, collection) };
  const get = (found: JSONObject) => client.get(found);
  let answer: JSONObject;
  try {
    answer = await read({ client, get, params, version });
  } catch {
    await sdk.document.get(index, collection, _id);
    // Kuzzle has found it: the document has been created meanwhile.
    answer = await client.get(params).catch((cause: unknown) => {
      throw unavailable(cause);
    });
  }
  const document = storedDocument(bodyOf(answer));
  if (document === undefined) {
    throw unavailable();
  }

  return document;
}

function unavailable(cause?: unknown): Error {
  const error = pluginError("conditional_writes_unavailable");

  return Object.assign(error, { cause });
}

interface Found {
  readonly _id: string;
  /** Missing if storage could not read the document. */
  readonly found?: boolean;
  readonly _source?: JSONObject;
}

/**
 * Reads documents of a collection by one request. Returns those that exist, by `_id`.
 *
 * Not by `document:mGet`, which does not distinguish a missing document from one that cannot be read.
 *
 * @param version undefined if Kuzzle is not as expected, or not checked yet
 * @throws the error of native `document:mGet`, if they cannot be read;
 * plugin.document-update.guards_unavailable if Kuzzle can read them, but this function cannot
 */
export async function readSources(
  sdk: Pick<EmbeddedSDK, "document">,
  version: ClientVersion | undefined,
  index: string,
  collection: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, JSONObject>> {
  const client = newStorageClient();
  const unavailable = (cause?: unknown) => {
    const error = pluginError("guards_unavailable", index, collection);
    return Object.assign(error, { cause });
  };
  if (version === undefined) {
    throw unavailable();
  }
  const own = [...new Set(ids)];
  let cause: unknown;
  try {
    const answer = await client.mget(
      { index: aliasOf(index, collection), ...version.mget(own) },
      {},
    );
    const { docs } = bodyOf(answer) as { readonly docs: readonly Found[] };
    if (docs.every(({ found }) => found !== undefined)) {
      return new Map(
        docs
          .filter(({ found }) => found)
          .map(({ _id, _source = {} }) => [_id, _source]),
      );
    }
  } catch (error) {
    cause = error;
  }
  await sdk.document.mGet(index, collection, own);
  throw unavailable(cause);
}
