import type { EmbeddedSDK, JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import { aliasOf } from "./alias";
import { bodyOf, isVersion8 } from "./StorageSeam";
import type { StorageClient } from "./WriteTag";

interface Found {
  readonly _id: string;
  /** Nothing where storage could not tell. */
  readonly found?: boolean;
  readonly _source?: JSONObject;
}

/**
 * Reads what documents of a collection hold, by one request: of those that there are, by `_id`.
 *
 * Not by `document:mGet`, which does not tell a document that is missing from one that cannot be read.
 *
 * @throws where they cannot be read, what native `document:mGet` answers;
 * plugin.document-update.guards_unavailable where Kuzzle reads what this does not
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
