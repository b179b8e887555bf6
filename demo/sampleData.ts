import { type Backend, Mutex } from "kuzzle";

/** The sample of Kuzzle's own documentation: taxi rides in New York. */
export const sample = {
  collection: "yellow-taxi",
  document: {
    _id: "liia",
    body: {
      category: "suv",
      driver: "Liia",
      position: { lat: 40.71, lon: -74.0 },
      seats: 4,
    },
  },
  index: "nyc-open-data",
  mappings: {
    properties: {
      category: { type: "keyword" },
      driver: { type: "keyword" },
      position: { type: "geo_point" },
      seats: { type: "integer" },
    },
  },
} as const;

/** Stores the sample where it is missing. On a cluster, nodes take turns. */
export async function loadSample({ sdk }: Backend): Promise<void> {
  const { collection, document, index, mappings } = sample;
  const mutex = new Mutex("yellow-taxi-sample");

  await mutex.lock();
  try {
    if (!(await sdk.index.exists(index))) {
      await sdk.index.create(index);
    }
    await sdk.collection.create(index, collection, { mappings });
    if (!(await sdk.document.exists(index, collection, document._id))) {
      await sdk.document.create(index, collection, document.body, document._id);
    }
  } finally {
    await mutex.unlock();
  }
}
