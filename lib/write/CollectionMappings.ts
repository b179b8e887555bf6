import type { EmbeddedSDK } from "kuzzle";

import type { Mapping } from "./storableValues";

/** How long a mapping is considered current, in ms. */
const MAX_AGE = 10_000;
/** Size of the cache, in collections. */
const MAX_KEPT = 1_000;

interface Kept {
  mapping: Mapping | undefined;
  readonly readAt: number;
}

/** Caches the mappings of collections. Never waits for storage: a mapping is read in the background. */
export class CollectionMappings {
  readonly #kept = new Map<string, Kept>();
  readonly #sdk: Pick<EmbeddedSDK, "collection">;

  constructor(sdk: Pick<EmbeddedSDK, "collection">) {
    this.#sdk = sdk;
  }

  /** Returns the mapping of a collection, or undefined until it has been read. */
  of(index: string, collection: string): Mapping | undefined {
    const key = JSON.stringify([index, collection]);
    const kept = this.#kept.get(key);
    if (kept && performance.now() - kept.readAt < MAX_AGE) {
      return kept.mapping;
    }

    const entry = { mapping: kept?.mapping, readAt: performance.now() };
    if (this.#kept.size >= MAX_KEPT) {
      this.#kept.clear();
    }
    this.#kept.set(key, entry);
    void this.#sdk.collection.getMapping(index, collection).then(
      (mapping: unknown) => (entry.mapping = mapping as Mapping),
      () => (entry.mapping = undefined),
    );

    return entry.mapping;
  }
}
