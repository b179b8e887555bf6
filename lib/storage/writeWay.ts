import type { KuzzleRequest } from "kuzzle";

import type { Seams } from "../kuzzle/Seams";
import type { BatchedStorage } from "./BatchedStorage";
import type { WriteWay } from "./PluginWrite";
import { sendAlone, sendNatively } from "./bulk";

/** Values of `refresh` that Kuzzle accepts. */
const REFRESH: ReadonlySet<unknown> = new Set([undefined, "false", "wait_for"]);

/** Makes the functions by which the plugin's updates are stored. */
export function writeWay(
  seams: Seams,
  storage: BatchedStorage,
  isBatching: boolean,
): WriteWay {
  const isMetadataEventHeard = seams.hearing([
    "generic:document:injectMetadata",
  ]);

  return {
    hasPipeline: (call) => storage.hasPipeline(call),
    isMetadataEventHeard,
    isReadForNothing: ({ input: { args } }: KuzzleRequest) =>
      isBatching &&
      !seams.isSpecified(args["index"], args["collection"]) &&
      // Natively this event is not fired for a missing document, so it has to be read first.
      !isMetadataEventHeard() &&
      // Natively, invalid values are refused after the read, or the read itself fails.
      REFRESH.has(args["refresh"]) &&
      args["_id"] !== "_search",
    isTrusted: () => seams.isTrusted,
    read: isBatching ? (call) => storage.read(call) : undefined,
    store: (call) => {
      if (isBatching) {
        return storage.store(call, sendAlone);
      }
      return call.options ? sendAlone(call) : sendNatively(call);
    },
  };
}
