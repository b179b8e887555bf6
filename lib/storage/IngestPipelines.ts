import { bodyOf } from "../kuzzle/StorageSeam";
import type { StorageClient } from "../kuzzle/WriteTag";

/** How long the settings of a collection are taken for current, in ms. */
const MAX_AGE = 30_000;
/** How long they are waited for, in ms. */
const MAX_WAIT = 1_000;

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

  /** Whether updates wait for what storage answers. */
  get isAwaited(): boolean {
    return this.#areThere instanceof Promise;
  }

  /** The first time, it has to be asked. Later, it is asked again beside what goes on. */
  areThere(): boolean | Promise<boolean> {
    const now = performance.now();
    if (now - this.#readAt > MAX_AGE) {
      this.#readAt = now;
      const known = this.#areThere;
      // Where it cannot be known, it is as it was, and there may be one at first.
      const read = this.#read()
        .catch(() => known ?? true)
        .then((areThere) => (this.#areThere = areThere));
      this.#areThere ??= read;
    }

    return this.#areThere!;
  }

  async #read(): Promise<boolean> {
    const answer = await this.#client.indices.getSettings(
      {
        filter_path: "*.settings.index.*_pipeline",
        index: this.#alias,
        // Updates wait for it, and need no master node.
        local: true,
      },
      { maxRetries: 0, requestTimeout: MAX_WAIT },
    );
    const settings = bodyOf(answer) as Readonly<
      Record<string, { settings: { index: Record<string, string> } }>
    >;

    return Object.values(settings)
      .flatMap(({ settings: { index } }) => Object.values(index))
      .some((name) => name !== "_none");
  }
}
