import type { Backend } from "kuzzle";

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

/** Stores the sample; a document that is there already starts afresh. */
export async function loadSample({ sdk }: Backend): Promise<void> {
  const { collection, document, index, mappings } = sample;

  if (!(await sdk.index.exists(index))) {
    await sdk.index.create(index);
  }
  await sdk.collection.create(index, collection, { mappings });
  await sdk.document.createOrReplace(
    index,
    collection,
    document._id,
    document.body,
    { refresh: "wait_for" },
  );
}
