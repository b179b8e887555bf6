import type { JSONObject } from "kuzzle";

import type { ClientCall, ReadCall } from "../kuzzle/WriteTag";
import { bodyOf, type StorageClient } from "../kuzzle/storageClient";
import { BatchQueue } from "./BatchQueue";
import {
  readStorageRequest,
  sendAlone,
  sendOneByOne,
  sendUpdates,
  type StorageCall,
  type StorageRequest,
} from "./bulk";
import { type ReadRequest, sendReads } from "./readDocuments";

/** State of one collection: its settings, and its queues. */
interface Collection {
  readonly pipelines: IngestPipelines;
  readonly queue: BatchQueue<StorageRequest>;
  readonly reads: BatchQueue<ReadRequest>;
}

/** Most collections whose state is kept. */
const MAX_COLLECTIONS = 10_000;

/** Stores the updates that Kuzzle passes to its client of Elasticsearch, in batches where possible. */
export class BatchedStorage {
  /** By the name of the collection in Elasticsearch. */
  readonly #collections = new Map<string, Collection>();
  readonly #onBatch: (size: number) => void;

  /** @param onBatch is called with the number of updates of each request */
  constructor(onBatch: (size: number) => void) {
    this.#onBatch = onBatch;
  }

  /**
   * Stores an update: in a batch if the call has exactly the expected form, and its collection has no
   * ingest pipeline, otherwise by a request of its own.
   */
  store(call: StorageCall): Promise<JSONObject> {
    const request = readStorageRequest(call);
    if (request === undefined) {
      return sendAlone(call);
    }
    const { pipelines, queue } = this.#collectionOf(call.client, request.alias);
    // In both cases queued, which keeps the order of the updates of a document.
    const add = (isAlone: boolean) => queue.add({ ...request, isAlone });
    const arePipelines = pipelines.areThere();

    return typeof arePipelines === "boolean"
      ? add(arePipelines)
      : arePipelines.then(add);
  }

  /** Tells whether the collection of an update has an ingest pipeline. True if that cannot be determined. */
  hasPipeline({ client, params }: ClientCall): boolean | Promise<boolean> {
    return this.#collectionOf(
      client,
      String(params["index"]),
    ).pipelines.areThere();
  }

  /** Reads a document, in a batch with other reads. */
  read(call: ReadCall): Promise<JSONObject> {
    const { id, index } = call.params;
    const { reads } = this.#collectionOf(call.client, String(index));

    return reads.add({ call, lines: String(id) });
  }

  #collectionOf(client: StorageClient, alias: string): Collection {
    const known = this.#collections.get(alias);
    if (known !== undefined) {
      return known;
    }
    const [oldest] = this.#collections;
    if (
      oldest !== undefined &&
      this.#collections.size >= MAX_COLLECTIONS &&
      oldest[1].queue.isIdle
    ) {
      this.#collections.delete(oldest[0]);
    }
    const collection = {
      pipelines: new IngestPipelines(client, alias),
      queue: new BatchQueue<StorageRequest>((batch) => {
        if (batch.some(({ isAlone }) => isAlone)) {
          return Promise.resolve(sendOneByOne(batch));
        }
        this.#onBatch(batch.length);
        return sendUpdates(batch);
      }),
      reads: new BatchQueue(sendReads),
    };
    this.#collections.set(alias, collection);

    return collection;
  }
}

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
  #askedAt = -Infinity;
  #readAt = -Infinity;

  constructor(client: StorageClient, alias: string) {
    this.#client = client;
    this.#alias = alias;
  }

  /**
   * Returns a promise while the settings are not known, or were read too long ago. In a collection that
   * is in use they are read again in the background, before that.
   */
  areThere(): boolean | Promise<boolean> {
    const now = performance.now();
    const age = now - this.#askedAt;
    if (age > REFRESH_AGE) {
      this.#askedAt = now;
      const read = this.#read()
        .then((areThere) => {
          this.#readAt = now;
          return areThere;
        })
        // If the settings cannot be read, what was read before holds as long as it is current. Then assume a
        // pipeline: updates are sent one by one.
        .catch(() => (now - this.#readAt > MAX_AGE ? true : this.#areThere!))
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
