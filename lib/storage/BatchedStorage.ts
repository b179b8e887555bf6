import { setTimeout } from "node:timers/promises";

import type { JSONObject } from "kuzzle";

import type { ClientCall, StorageClient } from "../kuzzle/WriteTag";
import { BatchQueue } from "./BatchQueue";
import { IngestPipelines } from "./IngestPipelines";
import { readStorageRequest, type StorageRequest } from "./StorageRequest";

/** What is known of a collection, and which of its updates are under way. */
interface Collection {
  readonly pipelines: IngestPipelines;
  readonly queue: BatchQueue;
}

/** Collections of which something is remembered. */
const MAX_COLLECTIONS = 10_000;
/** How long the end of an application waits for updates that wait, in ms, and how often it looks. */
const MAX_DRAIN = 5_000;
const DRAIN_STEP = 20;

/** Stores the updates that Kuzzle asks its client of Elasticsearch for, in batches where they can be. */
export class BatchedStorage {
  readonly #collections = new Map<StorageClient, Map<string, Collection>>();
  readonly #onBatch: (size: number) => void;

  /** @param onBatch is told how many updates a request has */
  constructor(onBatch: (size: number) => void) {
    this.#onBatch = onBatch;
  }

  /**
   * Stores an update: in a batch if it is exactly as expected, else alone.
   *
   * @param alone stores it by a request of its own
   */
  store(
    call: ClientCall,
    alone: (call: ClientCall) => Promise<JSONObject>,
  ): Promise<JSONObject> {
    const request = readStorageRequest(call);
    if (request === undefined) {
      return alone(call);
    }
    const { pipelines, queue } = this.#collectionOf(request);
    const choose = (arePipelines: boolean) =>
      // It does not overtake what waits since before there was a pipeline.
      arePipelines && queue.isIdle ? alone(call) : queue.add(request);
    const arePipelines = pipelines.areThere();

    return typeof arePipelines === "boolean"
      ? choose(arePipelines)
      : arePipelines.then(choose);
  }

  /** Waits for what is under way, for some seconds at most. */
  async drain(): Promise<void> {
    const end = performance.now() + MAX_DRAIN;
    const isIdle = () =>
      [...this.#collections.values()].every((collections) =>
        [...collections.values()].every(isUnused),
      );
    while (!isIdle() && performance.now() < end) {
      await setTimeout(DRAIN_STEP);
    }
  }

  #collectionOf({ alias, call: { client } }: StorageRequest): Collection {
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
      queue: new BatchQueue(this.#onBatch),
    };
    collections.set(alias, collection);

    return collection;
  }
}

/** Tells that no update of a collection is under way, nor waits for its settings. */
function isUnused({ pipelines, queue }: Collection): boolean {
  return pipelines.isKnown && queue.isIdle;
}
