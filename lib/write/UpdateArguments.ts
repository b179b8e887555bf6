import type { JSONObject, KDocument, KDocumentContentGeneric } from "kuzzle";

import type { Target } from "../kuzzle/alias";
import type { RequestContext } from "../kuzzle/embeddedUpdate";

/** A partial update of one document, and who makes it. */
export interface UpdateArguments extends Target {
  /** The changes to apply. */
  readonly body: JSONObject;
  /** The caller: user, token and connection. */
  readonly context: RequestContext;
  readonly options: UpdateOptions;
}

/**
 * All options that are passed from the client's request to the embedded SDK. The SDK copies every option
 * into its request, so that `__kuid__` or `triggerEvents` would take effect: nothing else may be passed.
 */
export interface UpdateOptions {
  readonly silent: boolean;
  readonly source: boolean;
  readonly refresh?: string;
  /** Passed on unchecked, as natively: storage itself refuses what is not an integer. */
  readonly retryOnConflict?: unknown;
  /** Identifier of the client's request, which is part of notifications. */
  readonly requestId: string;
  /** Time of the request, in ms since the epoch, which is part of notifications. */
  readonly timestamp: number;
  /** Custom data of the request, which is part of notifications. */
  readonly volatile: JSONObject | null;
}

/** The answer to an update: `_source` is the changes, or the whole document with `source`. */
export type UpdatedDocument = KDocument<KDocumentContentGeneric>;

/** Stores an update. */
export type Write = (update: UpdateArguments) => Promise<UpdatedDocument>;
