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

/** Collections of which something is remembered while none of their updates is under way. */
const MAX_IDLE = 1_000;

/** Stores the updates that Kuzzle asks its client of Elasticsearch for, in batches where they can be. */
export class BatchedStorage {
  readonly #collections = new WeakMap<StorageClient, Map<string, Collection>>();
  readonly #onBatch: (size: number) => void;

  /** @param onBatch is told how many updates a request has */
  constructor(onBatch: (size: number) => void) {
    this.#onBatch = onBatch;
  }

  /** Stores an update: in a batch if it is exactly as expected, else natively. */
  store(call: ClientCall): Promise<JSONObject> {
    const request = readStorageRequest(call);
    if (request === undefined) {
      return storeNatively(call);
    }
    const { pipelines, queue } = this.#collectionOf(request);
    const choose = (arePipelines: boolean) =>
      arePipelines ? storeNatively(call) : queue.add(request);
    const arePipelines = pipelines.areThere();

    return typeof arePipelines === "boolean"
      ? choose(arePipelines)
      : arePipelines.then(choose);
  }

  #collectionOf({ alias, call: { client } }: StorageRequest): Collection {
    const collections =
      this.#collections.get(client) ?? new Map<string, Collection>();
    this.#collections.set(client, collections);
    const known = collections.get(alias);
    if (known !== undefined) {
      return known;
    }
    if (collections.size >= MAX_IDLE) {
      for (const [name, { queue }] of collections) {
        if (queue.isIdle) {
          collections.delete(name);
        }
      }
    }
    const collection = {
      pipelines: new IngestPipelines(client, alias),
      queue: new BatchQueue(this.#onBatch),
    };
    collections.set(alias, collection);

    return collection;
  }
}

/** Sends an update as Kuzzle asked for it. */
export function storeNatively({
  client,
  params,
  update,
}: ClientCall): Promise<JSONObject> {
  return update.call(client, params);
}
