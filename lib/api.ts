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
   * How many times Elasticsearch retries after a version conflict.
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
   * Version that the document must have, from 1. If it has another version, it is not changed, and the
   * answer is an error, plugin.document-update.version_mismatch. Over HTTP, the header `If-Match` does
   * the same.
   */
  readonly ifVersion?: number;
  /**
   * Write and notify nothing if the document would stay as it is. The answer then has the document's
   * current version and an empty `_updatedFields`.
   *
   * @default false
   */
  readonly skipUnchanged?: boolean;
  /**
   * Write and notify nothing, and answer with what would be stored and the document's current version.
   * Errors of the mapping are not predicted. Not available for intercepted native updates.
   *
   * @default false
   */
  readonly dryRun?: boolean;
  /**
   * `false`: fire none of the events of `document:update`, as natively for server code. Only requests of
   * server code, by the embedded SDK, have it: that of a client is ignored.
   *
   * @default true
   */
  readonly events?: boolean;
}

/** Result of the `update` action: `_source` is the changes, or the whole document with `source`. */
export type ApiDocumentUpdateResult<
  TContent extends KDocumentContentGeneric = KDocumentContentGeneric,
> = KDocument<TContent> & {
  /**
   * With `skipUnchanged` or `dryRun`: paths of the fields whose value changed, or would change, in the
   * syntax of the operators. An array counts as one field.
   */
  readonly _updatedFields?: readonly string[];
};

/**
 * Operators of the `modify` action. Each names fields by their paths: field names joined by dots. A dot
 * or a backslash that is part of a name is escaped with a backslash. A path cannot lead into an array,
 * and no field may be named twice, or inside another named field.
 *
 * A field that is null is treated as missing. A field of another type than the operand is an error,
 * plugin.document-update.operator_type. Integers beyond ±(2^53 - 1), which JavaScript would round, are
 * another one, plugin.document-update.operator_result.
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
  /** Adds those elements that the array does not have yet, each once, at its end; a missing one starts empty. */
  readonly union?: Readonly<Record<string, readonly unknown[]>>;
  /** Removes all elements of an array that equal one of these; a missing one becomes empty. */
  readonly remove?: Readonly<Record<string, readonly unknown[]>>;
  /**
   * Replaces values as a whole, where `changes` would merge objects: fields of a stored object that the
   * new one does not have are removed, as by `unset`.
   */
  readonly set?: Readonly<Record<string, unknown>>;
  /**
   * Sets fields, whatever their value, to the time of the change, in ms since the epoch, by the clock of
   * the node that handles the request.
   */
  readonly now?: readonly string[];
  /**
   * Removes fields. An object that becomes empty stays. Refused with
   * plugin.document-update.unset_refused if the document could not be written back exactly, or if the
   * field has a default value.
   */
  readonly unset?: readonly string[];
}

/** A step of a modification. Each property is optional. */
export interface DocumentModificationStep<
  TContent extends KDocumentContentGeneric = KDocumentContentGeneric,
> {
  /** Partial changes to apply, as in `update`. */
  readonly changes?: Partial<TContent>;
  /** Changes that are computed from the document. */
  readonly operators?: DocumentOperators;
  /**
   * A Koncorde filter, without `regexp` and the `geo*` keywords, that the document must match, as the
   * steps before have left it. If it does not match, this step is left out.
   *
   * @see https://docs.kuzzle.io/core/2/api/koncorde-filters-syntax/
   */
  readonly condition?: JSONObject;
}

/** Body of the `modify` action. Each property is optional. */
export interface DocumentModification<
  TContent extends KDocumentContentGeneric = KDocumentContentGeneric,
> extends DocumentModificationStep<TContent> {
  /**
   * A Koncorde filter, without `regexp` and the `geo*` keywords, that the stored document must match. If
   * it does not match, the document is left as it is, and the answer is an error,
   * plugin.document-update.condition_not_met.
   */
  readonly condition?: JSONObject;
  /**
   * Steps that are applied in their order and stored by one write, in place of `changes` and `operators`:
   * at most 100. If none applies, nothing is written, as with `skipUnchanged`.
   */
  readonly steps?: readonly DocumentModificationStep<TContent>[];
  /**
   * Content from which the document is created, with the changes applied to it, if it does not exist. With
   * a `condition` or a version it still has to exist.
   */
  readonly default?: Partial<TContent>;
}

/**
 * What the function of `updateWith` returns: partial changes; a modification, which is recognised by its
 * `changes`, `operators` or `steps`; or undefined to leave the document as it is.
 */
export type DocumentChange<
  TContent extends KDocumentContentGeneric = KDocumentContentGeneric,
> =
  | Partial<TContent>
  | Omit<DocumentModification<TContent>, "default">
  | undefined;

/** Options of `updateWith`. */
export interface UpdateWithOptions extends Pick<
  ApiDocumentUpdateRequest,
  "events" | "ifVersion" | "refresh" | "silent" | "source"
> {
  /** User on whose behalf the document is updated, as in `app.sdk.as(user)`; by default the application. */
  readonly user?: { readonly _id: string };
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
   * Key that the client chooses for this request, 1 to 255 characters. If the same user repeats the
   * request with it, nothing is written again and the first answer is returned. This lasts for the
   * `requestKeyTtl` of the plugin's configuration, as long as Redis keeps its keys. Not for the
   * anonymous user. Over HTTP, the header `Idempotency-Key` does the same.
   */
  readonly requestKey?: string;
}

/**
 * Result of the `modify` action: `_source` is the computed changes, with null for each removed field, or
 * the whole document with `source`.
 */
export type ApiDocumentModifyResult<
  TContent extends KDocumentContentGeneric = KDocumentContentGeneric,
> = KDocument<TContent> & {
  /** Paths of the fields whose value changed, in the syntax of the operators. An array counts as one field. */
  readonly _updatedFields: readonly string[];
  /** With `default`: whether the document was created, or would be by a dry run. */
  readonly created?: boolean;
  /** With `steps`: which of them were applied. */
  readonly steps?: readonly boolean[];
};

/** Options of the SDK controller's `update`: those of `kuzzle.document.update`, and the plugin's own. */
export interface DocumentUpdateOptions extends ArgsDocumentControllerUpdate {
  /**
   * Version that the document must have, such as the `_version` that `document.get` returned. If it has
   * another version, the update rejects with plugin.document-update.version_mismatch.
   */
  readonly ifVersion?: number;
  /**
   * Write and notify nothing if the document would stay as it is.
   *
   * @default false
   */
  readonly skipUnchanged?: boolean;
  /**
   * Write and notify nothing, and answer with what would be stored.
   *
   * @default false
   */
  readonly dryRun?: boolean;
  /**
   * `false`: fire none of the events of `document:update`. Only for server code.
   *
   * @default true
   */
  readonly events?: boolean;
}

/** Options of the SDK controller's `modify`. */
export interface DocumentModifyOptions extends Omit<
  DocumentUpdateOptions,
  "retryOnConflict"
> {
  /**
   * A string of 1 to 255 characters, for example a random UUID, by which a repeat of this request is
   * recognised. The user must be logged in.
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

/** A histogram with fixed bucket bounds, as in Prometheus. */
export interface ApiHistogram {
  /** Number of values up to each bound `le` (cumulative), in ascending order. The last counts all values. */
  readonly buckets: readonly {
    readonly le: number | "+Inf";
    readonly count: number;
  }[];
  readonly count: number;
  readonly sum: number;
}

/** Result of the `stats` action: statistics of `update` and `modify` since their node started. */
export interface ApiDocumentUpdateStatsResult {
  /** Identifier of the node, as in Kuzzle's log. The statistics are those of this node alone. */
  readonly node: string;
  /** Updates and modifications that were requested. */
  readonly updates: number;
  /** Updates that failed, by the id of the error. */
  readonly failures: Readonly<Record<string, number>>;
  /** Writes that failed with a version conflict, after the retries of Elasticsearch. */
  readonly conflicts: number;
  /** Writes that were sent again after a version conflict. */
  readonly retries: number;
  /** Queues of updates and modifications, one for each document. */
  readonly queues: {
    /** Number of documents that a fold or a modification writes, or that updates wait for. */
    readonly documents: number;
    /** Length of the longest queue now. */
    readonly longest: number;
    /** Length of the longest queue since the node started. */
    readonly longestEver: number;
  };
  /** Number of updates that each fold stored as one. */
  readonly folds: ApiHistogram;
  /** Number of updates in each request to storage. */
  readonly batches: ApiHistogram;
  /** Duration of each write, in seconds: of the call of `document:update` or `document:create`. */
  readonly writeDuration: ApiHistogram;
}

/** Names of the plugin's errors: the keys of `errors` in manifest.json. */
export type DocumentUpdateErrorName =
  | "changed_by_pipe"
  | "condition_lost"
  | "condition_not_met"
  | "conditional_writes_unavailable"
  | "field_forbidden"
  | "field_immutable"
  | "field_read_only"
  | "guards_unavailable"
  | "invalid_argument"
  | "invalid_condition"
  | "invalid_configuration"
  | "invalid_operators"
  | "invalid_pipe_result"
  | "invalid_request_key"
  | "operator_path"
  | "operator_result"
  | "operator_type"
  | "outcome_unknown"
  | "request_key_reused"
  | "request_keys_unavailable"
  | "request_outcome_unknown"
  | "request_pending"
  | "several_instances"
  | "timed_out"
  | "too_many_pending"
  | "unset_refused"
  | "unsupported_kuzzle"
  | "user_required"
  | "version_conflict"
  | "version_mismatch";

/**
 * Identifiers of the plugin's errors, as the property `id` of an error has them. Each is explained in
 * docs/errors.md.
 */
export type DocumentUpdateErrorId =
  `plugin.document-update.${DocumentUpdateErrorName}`;
