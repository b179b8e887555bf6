const INDEX = "nyc-open-data";

const mappings = {
  properties: {
    category: { type: "keyword" },
    driver: { type: "keyword" },
    position: { type: "geo_point" },
    rides: { type: "integer" },
    seats: { type: "integer" },
    seenAt: { type: "date" },
    tags: { type: "keyword" },
  },
} as const;

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
  index: INDEX,
  mappings,
} as const;

/** A user to log in as. In this demo the anonymous user has every right, and so has this one. */
export const sampleUser = {
  _id: "sample-user",
  credentials: { password: "sample", username: "sample" },
} as const;

/** The documents that each collection of taxis begins with. */
export const taxis: readonly {
  readonly _id: string;
  readonly body: Readonly<Record<string, unknown>>;
}[] = [
  sample.document,
  {
    _id: "abdul",
    body: {
      category: "limousine",
      driver: "Abdul",
      position: { lat: 40.76, lon: -73.98 },
      rides: 128,
      seats: 6,
    },
  },
  {
    _id: "meredith",
    body: {
      category: "sedan",
      driver: "Meredith",
      position: { lat: 40.64, lon: -73.78 },
      seats: 4,
      tags: ["airport"],
    },
  },
];

/** Where native updates stay native, so that they can be compared with those of the plugin. */
export const nativeTaxis = sample.collection;

/** Where the application intercepts native updates: `interceptNative` is configured by collection. */
export const interceptedTaxis = "green-taxi";

/** What the storm of the page writes to, and deletes again. */
export const stormCollections = {
  folded: "storm-folded",
  plain: "storm",
} as const;

/** How the page counts and finds its own updates. */
export const stormMappings = {
  dynamic: "false",
  properties: {
    count: { type: "integer" },
    sentBy: { type: "keyword" },
    step: { type: "integer" },
  },
} as const;
