import type { JSONObject, KuzzleRequest } from "kuzzle";

import type { Seams } from "../kuzzle/Seams";
import type { ClientCall, Read, WriteTag } from "../kuzzle/WriteTag";
import type { BatchedStorage } from "./BatchedStorage";
import { sendAlone, type StorageCall } from "./bulk";

/** How the plugin's updates are stored: the storage functions that apply under the configuration. */
export type WriteWay = ReturnType<typeof writeWay>;

/** Values of `refresh` that Kuzzle accepts. */
const REFRESH: ReadonlySet<unknown> = new Set([undefined, "false", "wait_for"]);

/** Makes the functions by which the plugin's updates are stored. */
export function writeWay(
  seams: Seams,
  storage: BatchedStorage,
  isBatching: boolean,
) {
  /**
   * Tells whether something listens to `generic:document:injectMetadata`, and may change the metadata,
   * such as the updater.
   */
  const isMetadataEventHeard = seams.hearing([
    "generic:document:injectMetadata",
  ]);
  /** Reads a document in place of the client's own method; undefined to use the client's own. */
  const read: Read | undefined = isBatching
    ? (call) => storage.read(call)
    : undefined;

  return {
    /**
     * Tells whether the collection of a call has an ingest pipeline, which may change what is stored. True
     * if that cannot be determined.
     */
    hasPipeline: (call: ClientCall) => storage.hasPipeline(call),
    isMetadataEventHeard,
    /** Tells whether Kuzzle would read the document before the update without using it. */
    isReadForNothing: ({ input: { args } }: KuzzleRequest): boolean =>
      isBatching &&
      !seams.isSpecified(args["index"], args["collection"]) &&
      // Natively this event is not fired for a missing document, so it has to be read first.
      !isMetadataEventHeard() &&
      // Natively, invalid values are refused after the read, or the read itself fails.
      REFRESH.has(args["refresh"]) &&
      args["_id"] !== "_search",
    /** Tells whether Kuzzle is as expected, so that updates can be tagged. */
    isTrusted: () => seams.isTrusted,
    read,
    /** Sends the request that Kuzzle passes to its client. */
    store: (call: StorageCall): Promise<JSONObject> =>
      isBatching ? storage.store(call) : sendAlone(call),
  };
}

/** One update of the plugin, as it passes through Kuzzle to storage. */
export class PluginWrite implements WriteTag {
  #isReadSkipped = false;
  readonly #onStored: (() => void) | undefined;
  readonly #retries: number | undefined;
  protected readonly way: WriteWay;

  /**
   * @param retries how often storage retries after a conflict; by default, as Kuzzle asks for
   * @param onStored called once the update is stored, before Kuzzle notifies and answers
   */
  constructor(way: WriteWay, retries?: number, onStored?: () => void) {
    this.#onStored = onStored;
    this.#retries = retries;
    this.way = way;
  }

  onValidate(request: KuzzleRequest): boolean {
    this.#isReadSkipped = this.way.isReadForNothing(request);

    return this.#isReadSkipped;
  }

  get read(): Read | undefined {
    return this.way.read;
  }

  async onUpdate(asked: ClientCall): Promise<JSONObject> {
    const answer = await this.#send(this.#withRetries(asked));
    this.#onStored?.();

    return answer;
  }

  async #send(call: ClientCall): Promise<JSONObject> {
    if (!this.#isReadSkipped) {
      return this.store(call);
    }

    try {
      return await this.store(call);
    } catch (error) {
      const { statusCode } = Object(error) as { statusCode?: number };
      if (statusCode === 404 || statusCode === 400) {
        // Natively the document is read first, so a missing document is reported with the error of that
        // read.
        const { id, index } = call.params;
        await call.client.get({ id: id as string, index: index as string });
      }
      if (statusCode === 404) {
        // The read succeeded: the document has been created meanwhile.
        return this.store(call);
      }
      throw error;
    }
  }

  protected store(call: ClientCall): Promise<JSONObject> {
    return this.way.store(call);
  }

  #withRetries(call: ClientCall): ClientCall {
    return this.#retries === undefined
      ? call
      : {
          ...call,
          params: { ...call.params, retry_on_conflict: this.#retries },
        };
  }
}
