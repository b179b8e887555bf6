import { setTimeout } from "node:timers/promises";

import type { JSONObject } from "kuzzle";

import type { ClientCall, ReadCall } from "../kuzzle/WriteTag";
import type { StorageClient } from "../kuzzle/storageClient";
import { BatchQueue } from "./BatchQueue";
import { IngestPipelines } from "./IngestPipelines";
import {
  readStorageRequest,
  type StorageCall,
  type StorageRequest,
} from "./StorageRequest";
import { sendOneByOne, sendUpdates } from "./bulk";
import { type ReadRequest, sendReads } from "./reads";

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
  readonly #collections = new Map<StorageClient, Map<string, Collection>>();
  readonly #onBatch: (size: number) => void;

  /** @param onBatch is called with the number of updates of each request */
  constructor(onBatch: (size: number) => void) {
    this.#onBatch = onBatch;
  }

  /** Whether all queues are empty and no request is under way. */
  get isIdle(): boolean {
    return [...this.#collections.values()].every((collections) =>
      [...collections.values()].every(isUnused),
    );
  }

  /**
   * Stores an update: in a batch if the call has exactly the expected form, and its collection has no
   * ingest pipeline, otherwise by a request of its own.
   *
   * @param alone stores an update that does not have the expected form
   */
  store(
    call: StorageCall,
    alone: (call: StorageCall) => Promise<JSONObject>,
  ): Promise<JSONObject> {
    const request = readStorageRequest(call);
    if (request === undefined) {
      return alone(call);
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
    const collections =
      this.#collections.get(client) ?? new Map<string, Collection>();
    this.#collections.set(client, collections);
    const known = collections.get(alias);
    if (known !== undefined) {
      return known;
    }
    const [oldest] = collections;
    if (collections.size >= MAX_COLLECTIONS && oldest && isUnused(oldest[1])) {
      collections.delete(oldest[0]);
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
    collections.set(alias, collection);

    return collection;
  }
}

/**
 * Tells whether the state of a collection can be dropped: nothing is queued or under way, and no update
 * waits for its settings.
 */
function isUnused({ pipelines, queue, reads }: Collection): boolean {
  return !pipelines.isAwaited && queue.isIdle && reads.isIdle;
}

/** Polling interval, in ms. */
const STEP = 20;

/**
 * Waits until nothing is under way, for the shutdown of an application.
 *
 * @param longest timeout, in ms
 * @returns false after the timeout
 */
export async function drain(
  isIdle: () => boolean,
  longest: number,
): Promise<boolean> {
  const end = performance.now() + longest;
  while (!isIdle()) {
    if (performance.now() >= end) {
      return false;
    }
    await setTimeout(STEP);
  }

  return true;
}
