import type { JSONObject, KuzzleRequest } from "kuzzle";

import type { Seams } from "../kuzzle/Seams";
import type { ClientCall, Read } from "../kuzzle/WriteTag";
import type { BatchedStorage } from "./BatchedStorage";
import type { StorageCall } from "./StorageRequest";
import { sendAlone, sendNatively } from "./bulk";

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
    store: (call: StorageCall): Promise<JSONObject> => {
      if (isBatching) {
        return storage.store(call, sendAlone);
      }
      return call.options ? sendAlone(call) : sendNatively(call);
    },
  };
}
