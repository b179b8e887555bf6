import type { KuzzleRequest } from "kuzzle";

import type { KuzzleInside } from "../kuzzle/KuzzleInside";
import type { BatchedStorage } from "./BatchedStorage";
import type { WriteWay } from "./PluginWrite";
import { sendAlone, sendNatively } from "./bulk";

/** Values of `refresh` that Kuzzle accepts. */
const REFRESH: ReadonlySet<unknown> = new Set([undefined, "false", "wait_for"]);

/** Makes the functions by which the plugin's updates are stored. */
export function writeWay(
  { listeners, specifications, storageSeam }: KuzzleInside,
  storage: BatchedStorage,
  isBatching: boolean,
  warn: (message: string) => void,
): WriteWay {
  const isMetadataEventHeard = listeners.hearing(
    "generic:document:injectMetadata",
  );

  return {
    canBeConditional: () => storageSeam.isTrusted,
    hasPipeline: (call) => storage.hasPipeline(call),
    isMetadataEventHeard,
    isReadForNothing: ({ input: { args } }: KuzzleRequest) =>
      isBatching &&
      // If the plugin does not see the write, it cannot give native's error for a missing document.
      storageSeam.isTrusted &&
      !specifications.have(args["index"], args["collection"]) &&
      // Natively this event is not fired for a missing document, so it has to be read first.
      !isMetadataEventHeard() &&
      // Natively, invalid values are refused after the read, or the read itself fails.
      REFRESH.has(args["refresh"]) &&
      args["_id"] !== "_search",
    onLost: () => {
      if (!storageSeam.isTrusted) {
        // Another update has already reported it.
        return;
      }
      storageSeam.distrust();
      warn(
        `This Kuzzle is not as expected: it loses the tag that marks the plugin's updates. Without it, ${storageSeam.cost}.`,
      );
    },
    read: isBatching ? (call) => storage.read(call) : undefined,
    store: (call) => {
      if (isBatching) {
        return storage.store(call, sendAlone);
      }
      return call.options ? sendAlone(call) : sendNatively(call);
    },
  };
}
