import type { JSONObject, KDocument, KDocumentContentGeneric } from "kuzzle";

/** A document. */
export interface Target {
  readonly index: string;
  readonly collection: string;
  readonly _id: string;
}

/** A partial update of one document, and on whose behalf. */
export interface UpdateArguments extends Target {
  /** The changes to apply. */
  readonly body: JSONObject;
  /** Identifier of the user who updates the document. */
  readonly kuid: string;
  /** Identifier of the connection that the update came by. */
  readonly connectionId: string;
  /** Whether it came by the embedded SDK, such as from a pipe. */
  readonly isOfServerCode: boolean;
  readonly options: UpdateOptions;
}

/**
 * All that the client's input may tell the embedded SDK, which copies every option onto the
 * request it makes: `__kuid__` or `triggerEvents` would be obeyed.
 */
export interface UpdateOptions {
  readonly silent: boolean;
  readonly source: boolean;
  readonly refresh?: string;
  /** Passed on unread, as natively: storage itself refuses what is not an integer. */
  readonly retryOnConflict?: unknown;
  /** Identifier that the client gave its request: notifications carry it. */
  readonly requestId: string;
  /** Moment of the request, in ms since the epoch: notifications carry it. */
  readonly timestamp: number;
  /** Notifications carry it. */
  readonly volatile: JSONObject | null;
}

/** A document as an update answers it: `_source` is the changes, or all of it with `source`. */
export type UpdatedDocument = KDocument<KDocumentContentGeneric>;

/** Stores an update. */
export type Write = (update: UpdateArguments) => Promise<UpdatedDocument>;
