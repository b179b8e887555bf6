import { bodyOf, type StorageClient } from "../kuzzle/storageClient";

/** How long the settings of a collection are considered current, in ms. */
const MAX_AGE = 30_000;
/** Age at which they are read again, in ms. */
const REFRESH_AGE = 10_000;
/** Timeout for reading them, in ms. */
const MAX_WAIT = 1_000;

/**
 * Caches whether the settings of a collection name an ingest pipeline. Elasticsearch runs it for a
 * single update, but not for an update in a bulk request.
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

  /** Whether updates are waiting for the first answer. */
  get isAwaited(): boolean {
    return this.#areThere instanceof Promise;
  }

  /**
   * Returns a promise while the settings are not known, or were read too long ago. In a collection that
   * is in use they are read again in the background, before that.
   */
  areThere(): boolean | Promise<boolean> {
    const age = performance.now() - this.#readAt;
    if (age > REFRESH_AGE) {
      this.#readAt = performance.now();
      const read = this.#read()
        // If the settings cannot be read, assume a pipeline: then updates are sent one by one.
        .catch(() => true)
        .then((areThere) => (this.#areThere = areThere));
      if (age > MAX_AGE) {
        this.#areThere = read;
      }
    }

    return this.#areThere!;
  }

  async #read(): Promise<boolean> {
    const answer = await this.#client.indices.getSettings(
      {
        filter_path: "*.settings.index.*_pipeline",
        index: this.#alias,
        // Answered by any node, without the master node, because updates wait for it.
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
