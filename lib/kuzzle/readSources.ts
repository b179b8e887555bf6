import type { EmbeddedSDK, JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import { aliasOf } from "./alias";
import { bodyOf, isVersion8 } from "./StorageSeam";
import type { StorageClient } from "./WriteTag";

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
 * @throws the error of native `document:mGet`, if they cannot be read;
 * plugin.document-update.guards_unavailable if Kuzzle can read them, but this function cannot
 */
export async function readSources(
  sdk: Pick<EmbeddedSDK, "document">,
  index: string,
  collection: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, JSONObject>> {
  const client = global.app.storage.storageClient as unknown as StorageClient;
  const body = { ids: [...new Set(ids)] };
  let cause: unknown;
  try {
    const answer = await client.mget(
      {
        index: aliasOf(index, collection),
        ...(isVersion8() ? body : { body }),
      },
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
  await sdk.document.mGet(index, collection, body.ids);
  const error = pluginError("guards_unavailable", index, collection);
  error.cause = cause;
  throw error;
}
