import type { JSONObject } from "kuzzle";

import { isVersion8 } from "../kuzzle/StorageSeam";
import type { StorageClient } from "../kuzzle/WriteTag";

/** How long the settings of a collection are taken for current, in ms. */
const MAX_AGE = 30_000;

/**
 * Knows whether a collection has an ingest pipeline in its settings. A single update runs it, an item
 * of a bulk request does not.
 *
 * @see https://github.com/elastic/elasticsearch/issues/105804
 */
export class IngestPipelines {
  readonly #alias: string;
  readonly #client: StorageClient;
  #areThere: boolean | Promise<boolean> | undefined;
  #readAt = -Infinity;

  constructor(client: StorageClient, alias: string) {
    this.#client = client;
    this.#alias = alias;
  }

  /** The first time, it has to be asked. Later, it is asked again beside what goes on. */
  areThere(): boolean | Promise<boolean> {
    const now = performance.now();
    if (now - this.#readAt > MAX_AGE) {
      this.#readAt = now;
      const read = this.#read().then((areThere) => {
        this.#areThere = areThere;
        return areThere;
      });
      this.#areThere ??= read;
    }

    return this.#areThere!;
  }

  /** Where it cannot be known, there may be one. */
  async #read(): Promise<boolean> {
    try {
      const answer = await this.#client.indices.getSettings({
        filter_path: "*.settings.index.*_pipeline",
        index: this.#alias,
      });
      const settings = (
        isVersion8() ? answer : (answer["body"] as JSONObject)
      ) as Readonly<
        Record<string, { settings: { index: Record<string, string> } }>
      >;

      return Object.values(settings)
        .flatMap(({ settings: { index } }) => Object.values(index))
        .some((name) => name !== "_none");
    } catch {
      return true;
    }
  }
}
