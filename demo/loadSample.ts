import { type Backend, Mutex } from "kuzzle";

import {
  interceptedTaxis,
  nativeTaxis,
  sample,
  sampleUser,
  stormCollections,
  stormMappings,
  taxis,
} from "./sampleData";

/**
 * Stores the sample where it is missing, and deletes what storms have left: one node of a cluster after
 * the other.
 */
export async function loadSample({ sdk }: Backend): Promise<void> {
  const { index, mappings } = sample;
  const mutex = new Mutex("yellow-taxi-sample");

  await mutex.lock();
  try {
    if (!(await sdk.index.exists(index))) {
      await sdk.index.create(index);
    }
    for (const collection of Object.values(stormCollections)) {
      await sdk.collection.create(index, collection, {
        mappings: stormMappings,
      });
      // A page that was closed without a connection could not.
      await sdk.collection.truncate(index, collection);
    }
    for (const collection of [nativeTaxis, interceptedTaxis]) {
      await sdk.collection.create(index, collection, { mappings });
      for (const { _id, body } of taxis) {
        if (!(await sdk.document.exists(index, collection, _id))) {
          await sdk.document.create(index, collection, body, _id);
        }
      }
    }
    // Credentials are the strategy's own: those of an earlier demo outlive its user.
    await sdk.security.deleteCredentials("local", sampleUser._id).catch(() => {
      // There are none.
    });
    await sdk.query({
      _id: sampleUser._id,
      action: "upsertUser",
      body: {
        content: { profileIds: ["default"] },
        credentials: { local: sampleUser.credentials },
      },
      controller: "security",
    });
    // The page's list of documents is a search.
    for (const collection of [nativeTaxis, interceptedTaxis]) {
      await sdk.collection.refresh(index, collection);
    }
  } finally {
    await mutex.unlock();
  }
}
