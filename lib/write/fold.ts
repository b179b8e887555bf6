import type { JSONObject } from "kuzzle";

import { copyOf, isPlainObject } from "../json";
import { isOfServerCode, kuidOf } from "../kuzzle/application";
import type { UpdateArguments, UpdatedDocument } from "./delegateUpdate";
import { areNames, collectionMatcher } from "../kuzzle/collections";
import { retriesOf } from "../storage/bulk";

/** What decides whether an update is queued. */
type QueuedUpdate = Pick<
  UpdateArguments,
  "collection" | "context" | "index"
> & {
  readonly options: Pick<UpdateArguments["options"], "refresh">;
};

/** Tells whether an update is queued, to be stored together with others. */
export type IsQueued = (update: QueuedUpdate) => boolean;

/** Deepest nesting of objects. Deeper updates are not folded, because the recursion could overflow the stack. */
const MAX_DEPTH = 200;
/** A sum of this size, in characters of JSON, takes no further update: proxies commonly refuse more than 1 MiB. */
const MAX_LENGTH = 500_000;

/**
 * Fields that Kuzzle's client of Elasticsearch writes but refuses to read back. Such an update gets an
 * error, and so would those that are folded with it.
 */
export const FORBIDDEN: ReadonlySet<string> = new Set([
  "__proto__",
  "constructor",
]);

/**
 * Makes the function from the configuration.
 *
 * Not folded are documents that are validated by specifications, and those whose metadata the
 * application changes (`generic:document:injectMetadata`): both apply to single updates. Updates with
 * `refresh: "wait_for"` are not queued, because the updates behind them would wait for the refresh as
 * well; nor are updates by server code, because a pipe may make one during a write, and would wait for
 * that write.
 *
 * @param patterns of the collections that are folded
 */
export function foldRule(
  patterns: readonly string[],
  isSpecified: (index: string, collection: string) => boolean,
  isMetadataEventHeard: () => boolean,
): IsQueued {
  const isNamed = collectionMatcher(patterns);

  return ({ collection, context, index, options }) =>
    areNames(index, collection) &&
    isNamed(index, collection) &&
    !isOfServerCode(context) &&
    options.refresh !== "wait_for" &&
    !isSpecified(index, collection) &&
    !isMetadataEventHeard();
}

/**
 * Returns a key of the updates that one write can store with this one: those of the same user with the
 * same options. Undefined for one that is written alone.
 */
export function foldGroup({
  context,
  options,
}: UpdateArguments): string | undefined {
  const { refresh = "false", retryOnConflict = 0, silent, source } = options;
  const retries = retriesOf(retryOnConflict);

  return refresh === "false" && retries !== undefined
    ? JSON.stringify([kuidOf(context), silent, source, retries])
    : undefined;
}

/** A sequence of updates that one write can store. */
export class UpdateSum {
  readonly #body: JSONObject = {};
  #group: string | undefined;
  #length = 0;

  /** Appends an update. @returns false if it cannot be stored with the others */
  add(update: UpdateArguments): boolean {
    const group = foldGroup(update);
    if (
      group === undefined ||
      (this.#group ?? group) !== group ||
      this.#length >= MAX_LENGTH ||
      !foldChanges(this.#body, update.body)
    ) {
      return false;
    }
    this.#group = group;
    this.#length += JSON.stringify(update.body).length;

    return true;
  }
}

/** Returns how many of some updates, from the first, can be stored as one: at least 1. */
export function foldableCount(updates: readonly UpdateArguments[]): number {
  const sum = new UpdateSum();
  const end = updates.findIndex((update) => !sum.add(update));

  return end === -1 ? updates.length : Math.max(end, 1);
}

/** Merges several updates, in their order, into one. */
export function foldUpdates(
  updates: readonly UpdateArguments[],
): UpdateArguments {
  const last = updates.at(-1)!;
  if (updates.length === 1) {
    return last;
  }
  const body: JSONObject = {};
  for (const update of updates) {
    foldChanges(body, update.body);
  }
  // Kuzzle stores its own in its place; but one that does not answer it, as 2.38 does not, would answer one
  // client's to all.
  delete body["_kuzzle_info"];
  const volatile = inCommon(updates.map(({ options }) => options.volatile));

  return { ...last, body, options: { ...last.options, volatile } };
}

/**
 * Makes the answer to one of several updates that were stored as one: its own changes, or a copy of the
 * document with `source`.
 *
 * Answers share no objects, so that a pipe that changes one does not change the others.
 */
export function answerTo(
  document: UpdatedDocument,
  { body, options }: UpdateArguments,
): UpdatedDocument {
  if (options.source) {
    return copyOf(document);
  }
  const { _kuzzle_info } = document._source;

  return {
    ...document,
    _source: {
      ...body,
      ...(_kuzzle_info && { _kuzzle_info: { ..._kuzzle_info } }),
    },
  };
}

/**
 * Returns the properties of `volatile` that all updates have in common; objects are not compared. A
 * subscriber that ignores its own changes, by the SDK's `sdkInstanceId`, is thus still notified of those
 * that were stored together with changes of others.
 */
function inCommon(
  volatiles: readonly (JSONObject | null)[],
): JSONObject | null {
  const [first, ...others] = volatiles;
  if (!first || others.includes(null)) {
    return null;
  }

  return Object.fromEntries(
    Object.entries(first).filter(([key, value]) =>
      others.every((other) => other?.[key] === value),
    ),
  );
}

/**
 * Merges changes into `folded`, if storing the result is the same as storing one after the other:
 * objects are merged deeply, anything else is replaced, null is kept.
 *
 * That is not always so. After `{ a: 1 }`, the changes `{ a: { b: 2 } }` replace whatever `a` was
 * before; merged into one update, they would be merged with it.
 *
 * A value that a later update replaces never reaches storage, which might have refused it: its update is
 * acknowledged with the others.
 *
 * @param folded accumulated changes, empty at first; modified
 * @returns false, and leaves `folded` as it was, if the changes cannot be merged or are nested too
 * deeply
 * @see
 * https://www.elastic.co/guide/en/elasticsearch/reference/7.17/docs-update.html#_update_part_of_a_document
 */
export function foldChanges(folded: JSONObject, changes: JSONObject): boolean {
  if (!hasSum(folded, changes, 1)) {
    return false;
  }
  add(folded, changes);

  return true;
}

function hasSum(
  folded: JSONObject | undefined,
  changes: JSONObject,
  depth: number,
): boolean {
  for (const [key, value] of Object.entries(changes)) {
    if (FORBIDDEN.has(key)) {
      return false;
    }
    if (isSimple(value)) {
      continue;
    }
    const isThere = folded !== undefined && Object.hasOwn(folded, key);
    const under = isThere ? (folded[key] as unknown) : undefined;
    if (
      !isPlainObject(value) ||
      depth > MAX_DEPTH ||
      (isThere && !isPlainObject(under)) ||
      !hasSum(under as JSONObject | undefined, value, depth + 1)
    ) {
      return false;
    }
  }

  return true;
}

/**
 * Tells whether a value simply replaces the previous one. Instances of classes, such as dates, are
 * excluded: how they are stored depends on their `toJSON`.
 */
function isSimple(value: unknown): boolean {
  return (
    value === null ||
    isScalar(value) ||
    // An array of objects is excluded, since it would have to be searched at any depth.
    (Array.isArray(value) && value.every(isScalar))
  );
}

function isScalar(value: unknown): boolean {
  return ["boolean", "number", "string"].includes(typeof value);
}

function add(folded: JSONObject, changes: JSONObject): void {
  for (const [key, value] of Object.entries(changes)) {
    if (!isPlainObject(value)) {
      folded[key] = value;
      continue;
    }
    if (!Object.hasOwn(folded, key)) {
      folded[key] = {};
    }
    add(folded[key] as JSONObject, value);
  }
}
