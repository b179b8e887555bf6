import type { JSONObject } from "kuzzle-sdk";

import type { Reactions } from "../application/probe";
import type { ApiRequest, Protocol } from "../support/request";

/** Collections that the cases update documents of. */
export type CollectionName =
  | "plain"
  | "specified"
  | "strict"
  | "rigid"
  | "loose"
  /** Of one case alone, which is told how many fields there are. */
  | "crowded"
  /** Its company's documents have fields that Kuzzle's client of Elasticsearch refuses to read. */
  | "poisoned"
  /** Has an ingest pipeline, which not every Elasticsearch can have. */
  | "piped"
  | "finallyPiped"
  /** Was deleted past Kuzzle, which believes in it. */
  | "gone";

/** One update, to be sent to native and to the plugin in turn. */
export interface ConformanceCase {
  readonly name: string;
  /** @default every protocol */
  readonly on?: readonly Protocol[];
  /** @default "plain" */
  readonly collection?: CollectionName;
  /**
   * Content of the document before the update; `null`: there is no document.
   *
   * @default the documents of `startingDocument`
   */
  readonly document?: JSONObject | null;
  /** JSON of the document before the update, stored past Kuzzle. */
  readonly storedPastKuzzle?: string;
  /**
   * What is sent, over a request that is right. `ID` in a string stands for the identifier of the
   * document, `OTHER` for that of a second one; a property that is `undefined` is left out.
   */
  readonly request?: ApiRequest;
  /** What pipes do on the way. A case without plays also where nothing listens to events. */
  readonly pipes?: Reactions | undefined;
  /** Koncorde filter of a subscriber of the case alone, beside the one that hears of every document. */
  readonly filter?: JSONObject;
  /**
   * The author has every right, the outsider only that on the plugin's action.
   *
   * @default "author"
   */
  readonly caller?: "author" | "anonymous" | "outsider";
}

export const startingDocument: JSONObject = {
  count: 1,
  nested: { a: 1, list: [1, 2, 3] },
  state: "open",
};
