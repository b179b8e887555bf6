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
   * @default the `retryOnConflict` of the plugin's configuration, 10
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

/** Request of the `stats` action, as sent over WebSocket or MQTT. */
export interface ApiDocumentUpdateStatsRequest<
  TController extends string = "document-update",
> {
  readonly controller: TController;
  readonly action: "stats";
  /**
   * `prometheus`: answer with the text that Prometheus reads.
   *
   * @default "json"
   */
  readonly format?: "json" | "prometheus";
}

/** Values by size. */
export interface ApiHistogram {
  /** How many values were at most each bound; for `+Inf`, all of them. */
  readonly buckets: Readonly<Record<string, number>>;
  readonly count: number;
  readonly sum: number;
}

/** Result of the `stats` action: what the update action has done since its node started. */
export interface ApiDocumentUpdateStatsResult {
  /** Identifier of the node, as in Kuzzle's log: the figures are those of this node alone. */
  readonly node: string;
  /** Updates that were asked for. */
  readonly updates: number;
  /** Updates that failed, by the id of the error. */
  readonly failures: Readonly<Record<string, number>>;
  /** Writes that lost against others of the same document, after storage's own tries. */
  readonly conflicts: number;
  /** Writes that were sent again after a conflict. */
  readonly retries: number;
  /** Of collections that are folded. */
  readonly lanes: {
    /** Documents that are being written. */
    readonly count: number;
    /** Updates that wait for the document that most wait for. */
    readonly longest: number;
    /** The most that have ever waited for one document. */
    readonly longestEver: number;
  };
  /** Number of updates that each fold stored as one. */
  readonly folds: ApiHistogram;
  /** Number of updates in each request to storage. */
  readonly batches: ApiHistogram;
  /** Duration of each call of the embedded SDK, in seconds. */
  readonly delegate: ApiHistogram;
}
