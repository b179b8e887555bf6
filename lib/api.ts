import type {
  ArgsDocumentControllerUpdate,
  KDocument,
  KDocumentContentGeneric,
} from "kuzzle-sdk";

/**
 * Request of the `update` action, as sent over WebSocket or MQTT.
 *
 * @see https://docs.kuzzle.io/core/2/api/controllers/document/update/
 */
export interface ApiDocumentUpdateRequest<
  TContent extends KDocumentContentGeneric = KDocumentContentGeneric,
  TController extends string = "document-update",
> {
  readonly controller: TController;
  readonly action: "update";
  readonly index: string;
  readonly collection: string;
  /** Identifier of the document to update. It must exist. */
  readonly _id: string;
  /** Partial changes to apply to the document. */
  readonly body: Partial<TContent>;
  /**
   * `wait_for`: answer once the change can be found by a search.
   *
   * @default "false"
   */
  readonly refresh?: "wait_for" | "false";
  /**
   * How many times storage tries again after a version conflict.
   *
   * @default the application's `services.storageEngine.defaults.onUpdateConflictRetries`
   */
  readonly retryOnConflict?: number;
  /**
   * Notify no subscriber.
   *
   * @default false
   */
  readonly silent?: boolean;
  /**
   * Answer with the whole updated document rather than with the changes.
   *
   * @default false
   */
  readonly source?: boolean;
}

/** Result of the `update` action: `_source` is the changes, or the whole document with `source`. */
export type ApiDocumentUpdateResult<
  TContent extends KDocumentContentGeneric = KDocumentContentGeneric,
> = KDocument<TContent>;

/** Options of the SDK controller's `update`: those of `kuzzle.document.update`. */
export type DocumentUpdateOptions = ArgsDocumentControllerUpdate;
