import type {
  ArgsDocumentControllerUpdate,
  JSONObject,
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
  /**
   * Version that the document must have, from 1: with any other one it is left as it is, and the answer
   * is an error, plugin.document-update.version_mismatch. Over HTTP, the header `If-Match` does the same.
   */
  readonly ifVersion?: number;
  /**
   * Write and notify nothing where the document would stay as it is: the answer then has the version
   * that it has, and an empty `_updatedFields`.
   *
   * @default false
   */
  readonly skipUnchanged?: boolean;
  /**
   * Write and notify nothing, and answer what would be stored, with the version that the document has.
   * Errors of the mapping are not foretold. For the plugin's own actions alone.
   *
   * @default false
   */
  readonly dryRun?: boolean;
}

/** Result of the `update` action: `_source` is the changes, or the whole document with `source`. */
export type ApiDocumentUpdateResult<
  TContent extends KDocumentContentGeneric = KDocumentContentGeneric,
> = KDocument<TContent> & {
  /**
   * With `skipUnchanged` or `dryRun`: paths of the fields whose value changed, or would. Written as
   * operators name them; an array is one field.
   */
  readonly _updatedFields?: readonly string[];
};

/**
 * Operators of the `modify` action. Each names fields by their paths: names with dots between them,
 * and a backslash before a dot that is part of a name, or before another backslash. A path does not lead
 * into an array, and no field is named twice, or inside another.
 *
 * A field that is null starts as one that is missing; one of another type than its operand is an error,
 * plugin.document-update.operator_type. Numbers that JavaScript would round, integers beyond
 * ±(2^53 - 1), are one, too: plugin.document-update.operator_result.
 *
 * @example
 * const operators: DocumentOperators = {
 *   increment: { rides: 1, "size.total": -3 },
 *   now: ["seenAt"],
 *   union: { tags: ["yellow"] },
 *   unset: ["draft"],
 * };
 */
export interface DocumentOperators {
  /** Adds to a number; a missing one starts at 0. */
  readonly increment?: Readonly<Record<string, number>>;
  /** Multiplies a number; a missing one starts at 1. */
  readonly multiply?: Readonly<Record<string, number>>;
  /** Keeps the lower number; a missing one becomes the operand. */
  readonly min?: Readonly<Record<string, number>>;
  /** Keeps the higher number; a missing one becomes the operand. */
  readonly max?: Readonly<Record<string, number>>;
  /** Adds elements at the end of an array; a missing one starts empty. */
  readonly append?: Readonly<Record<string, readonly unknown[]>>;
  /** Adds elements at the start of an array; a missing one starts empty. */
  readonly prepend?: Readonly<Record<string, readonly unknown[]>>;
  /** Adds the elements that an array does not have, each once, at its end; a missing one starts empty. */
  readonly union?: Readonly<Record<string, readonly unknown[]>>;
  /** Removes all elements of an array that equal one of these; a missing one becomes empty. */
  readonly remove?: Readonly<Record<string, readonly unknown[]>>;
  /**
   * Sets fields, whatever they hold, to the moment of the change, in ms since the epoch, by the clock of
   * the node that serves it.
   */
  readonly now?: readonly string[];
  /**
   * Removes fields. An object of which nothing is left stays, empty. Where the document could not be
   * written back as it is, or the field has a default, it is refused:
   * plugin.document-update.unset_refused.
   */
  readonly unset?: readonly string[];
}

/** What the `modify` action makes of a document: all that it holds may be left out. */
export interface DocumentModification<
  TContent extends KDocumentContentGeneric = KDocumentContentGeneric,
> {
  /** Partial changes to apply, as those of `update`. */
  readonly changes?: Partial<TContent>;
  /** Changes that are computed from what is stored. */
  readonly operators?: DocumentOperators;
  /**
   * A filter of Koncorde that the document must match as it is stored; else it is left as it is, and the
   * answer is an error, plugin.document-update.condition_not_met.
   *
   * @see https://docs.kuzzle.io/core/2/api/koncorde-filters-syntax/
   */
  readonly condition?: JSONObject;
}

/** Request of the `modify` action, as sent over WebSocket or MQTT. */
export interface ApiDocumentModifyRequest<
  TContent extends KDocumentContentGeneric = KDocumentContentGeneric,
  TController extends string = "document-update",
> extends Omit<
  ApiDocumentUpdateRequest<TContent, TController>,
  "action" | "body" | "retryOnConflict"
> {
  readonly action: "modify";
  readonly body: DocumentModification<TContent>;
  /**
   * Name that the client gives this request, of 1 to 255 characters: a repeat of the same user with the
   * same name is answered what the first one was, and changes nothing, for the `requestKeyTtl` of the
   * plugin's configuration, as long as Redis keeps its keys. Not for the anonymous user. Over HTTP, the
   * header `Idempotency-Key` does the same.
   */
  readonly requestKey?: string;
}

/**
 * Result of the `modify` action: `_source` is what was computed, with null for each field that is gone,
 * or the whole document with `source`.
 */
export type ApiDocumentModifyResult<
  TContent extends KDocumentContentGeneric = KDocumentContentGeneric,
> = KDocument<TContent> & {
  /** Paths of the fields whose value changed, written as operators name them; an array is one field. */
  readonly _updatedFields: readonly string[];
};

/** Options of the SDK controller's `update`: those of `kuzzle.document.update`, and the plugin's own. */
export interface DocumentUpdateOptions extends ArgsDocumentControllerUpdate {
  /**
   * Version that the document must have, such as the `_version` that `document.get` told; else the
   * update rejects with plugin.document-update.version_mismatch.
   */
  readonly ifVersion?: number;
  /**
   * Write and notify nothing where the document would stay as it is.
   *
   * @default false
   */
  readonly skipUnchanged?: boolean;
  /**
   * Write and notify nothing, and answer what would be stored.
   *
   * @default false
   */
  readonly dryRun?: boolean;
}

/** Options of the SDK controller's `modify`. */
export interface DocumentModifyOptions extends Omit<
  DocumentUpdateOptions,
  "retryOnConflict"
> {
  /**
   * Name of this request, by which a repeat of it is known, such as a random UUID: 1 to 255 characters.
   * The user must be logged in.
   */
  readonly requestKey?: string;
}

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

/** Result of the `stats` action: what `update` and `modify` have done since their node started. */
export interface ApiDocumentUpdateStatsResult {
  /** Identifier of the node, as in Kuzzle's log: the figures are those of this node alone. */
  readonly node: string;
  /** Updates and modifications that were asked for. */
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
