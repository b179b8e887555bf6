import type { KuzzleRequest } from "kuzzle";

import type { KuzzleInside } from "../kuzzle/KuzzleInside";
import type { BatchedStorage } from "./BatchedStorage";
import type { WriteWay } from "./PluginWrite";
import { sendAlone, sendNatively } from "./sendBulk";

/** Values of `refresh` that Kuzzle takes. */
const REFRESH: ReadonlySet<unknown> = new Set([undefined, "false", "wait_for"]);

/** Makes the way in which the updates of the plugin are stored. */
export function writeWay(
  { impersonation, listeners, specifications, storageSeam }: KuzzleInside,
  storage: BatchedStorage,
  isBatching: boolean,
  warn: (message: string) => void,
): WriteWay {
  const isMetadataEventHeard = listeners.hearing(
    "generic:document:injectMetadata",
  );

  return {
    // The embedded SDK's documented way copies an update, and loses its tag.
    canBeConditional: () => storageSeam.isTrusted && impersonation.isTrusted,
    hasPipeline: (call) => storage.hasPipeline(call),
    isMetadataEventHeard,
    isReadForNothing: ({ input: { args } }: KuzzleRequest) =>
      isBatching &&
      // A write that is not seen cannot be answered in native's words where its document is missing.
      storageSeam.isTrusted &&
      !specifications.have(args["index"], args["collection"]) &&
      // Natively it does not fire for a document that is missing.
      !isMetadataEventHeard() &&
      // Natively it is after the read that these are refused, or instead of it.
      REFRESH.has(args["refresh"]) &&
      args["_id"] !== "_search",
    onLost: () => {
      if (!storageSeam.isTrusted) {
        // Others that were under way have told it.
        return;
      }
      storageSeam.distrust();
      warn(
        `This Kuzzle is not as expected: it does not keep what tells an update of the plugin's. Without it, ${storageSeam.cost}.`,
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
