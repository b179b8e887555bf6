import type { JSONObject, KuzzleRequest, PipeEventHandler } from "kuzzle";

import type { Computed } from "../change/decide";
import {
  checkGuards,
  type GuardedWrite,
  needsCurrent,
} from "../change/guardedFields";
import { type GuardsOf, withoutExempt } from "../change/guards";
import type { Path } from "../change/paths";
import { areNames } from "../kuzzle/collections";
import type { StoredDocument } from "../storage/readDocuments";

/** Checks the update of a request against the guards of its collection. */
export interface Guarding {
  /** Whether the check needs the stored document. */
  readonly needsCurrent: (computed: Computed) => boolean;
  /**
   * @throws plugin.document-update.field_read_only, plugin.document-update.field_immutable,
   * plugin.document-update.field_forbidden
   */
  readonly check: (computed: Computed, current?: StoredDocument) => void;
}

/** @returns nothing where the collection has no guards, or the user is exempt from all of them */
export function guarding(
  guardsOf: GuardsOf,
  request: KuzzleRequest,
): Guarding | undefined {
  const { collection, index } = request.getIndexAndCollection();
  const all = guardsOf(index, collection);
  const guards =
    all.length > 0
      ? withoutExempt(all, request.getUser()?.profileIds ?? [])
      : all;
  if (guards.length === 0) {
    return undefined;
  }

  const writeOf = ({ unset, update: { body } }: Computed): GuardedWrite => ({
    body,
    kind: "update",
    unset,
  });

  return {
    check: (computed, current) =>
      checkGuards(guards, computed.update, writeOf(computed), current?.source),
    needsCurrent: (computed) => needsCurrent(guards, writeOf(computed)),
  };
}

/** Reads documents of a collection. Those that do not exist are left out of the result. */
export type ReadSources = (
  index: string,
  collection: string,
  ids: readonly string[],
) => Promise<ReadonlyMap<string, JSONObject>>;

/**
 * Makes the pipes that check clients' native actions against the guards of their collections.
 * `immutable` guards are left out, since the stored value may change between the check and the write.
 *
 * Each pipe is on the last event before the action, so that it sees the changes that other plugins have
 * made to the request.
 *
 * @param isHeld tells whether the guards are checked elsewhere for a request
 * @param maxDocuments Kuzzle's limit of documents in one write request: it refuses more by itself
 */
export function nativeGuards(
  guardsOf: GuardsOf,
  isHeld: (request: KuzzleRequest) => boolean,
  read: ReadSources,
  maxDocuments: number,
): Readonly<Record<string, PipeEventHandler>> {
  const check = (request: KuzzleRequest): Promise<void> | undefined => {
    const { collection, index } = request.input.args;
    const user = request.getUser();
    // A request without a user is the application's own. Invalid requests are left to Kuzzle, so that
    // the client gets native's error.
    if (user === null || !areNames(index, collection)) {
      return undefined;
    }
    const guards = withoutExempt(
      guardsOf(index, collection),
      user.profileIds ?? [],
    ).filter(({ kind }) => kind !== "immutable");
    if (guards.length === 0 || isHeld(request)) {
      return undefined;
    }
    const writes = nativeWrites(request);
    if (writes.length > maxDocuments) {
      return undefined;
    }
    const asking = writes.filter((write) => needsCurrent(guards, write));
    const checkAll = (current: ReadonlyMap<string, JSONObject>) => {
      for (const write of writes) {
        const target = { _id: write._id, collection, index };
        checkGuards(guards, target, write, current.get(write._id));
      }
    };
    if (asking.length === 0) {
      checkAll(new Map());
      return undefined;
    }

    return read(
      index,
      collection,
      asking.map(({ _id }) => _id),
    ).then(checkAll);
  };

  // What passes at once is passed on by a callback, which Kuzzle supports but its types leave out: a
  // promise at every request of every client would be expensive.
  const pipe = (request: KuzzleRequest, done: Done) => {
    const checked = check(request);

    return checked ? checked.then(() => request) : done(null, request);
  };

  return Object.fromEntries(
    Object.keys(ACTIONS).map((name) => [
      `document:before${name[0]!.toUpperCase()}${name.slice(1)}`,
      pipe as unknown as PipeEventHandler,
    ]),
  );
}

type Done = (error: null, request: KuzzleRequest) => void;

/** What a native request would do to one document. */
interface NativeWrite extends GuardedWrite {
  readonly _id: string;
}

/** How a native action writes a document. */
interface Action {
  readonly kind: GuardedWrite["kind"];
  /** Where the content is: a key of what the request has for a document. Without it, all of that. */
  readonly at?: "body" | "changes" | "fields";
}

/**
 * The native actions that write documents by id, except those of the `bulk` controller. Those whose name
 * begins with `m` write several documents.
 */
const ACTIONS: Readonly<Record<string, Action>> = {
  createOrReplace: { kind: "replacement" },
  deleteFields: { at: "fields", kind: "update" },
  mCreateOrReplace: { at: "body", kind: "replacement" },
  mReplace: { at: "body", kind: "replacement" },
  mUpdate: { at: "body", kind: "update" },
  mUpsert: { at: "changes", kind: "upsert" },
  replace: { kind: "replacement" },
  update: { kind: "update" },
  upsert: { at: "changes", kind: "upsert" },
};

/**
 * Returns what a request of one of these actions would write. Invalid items are skipped: the action
 * itself refuses them.
 */
function nativeWrites(request: KuzzleRequest): NativeWrite[] {
  // A pipe may have turned it into another one, which Kuzzle then runs.
  const name = String(request.input.action);
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) {
    return [];
  }
  const { at, kind } = action;
  const all = name.startsWith("m") ? documentsOf(request) : only(request);

  return all.flatMap(([_id, document]): NativeWrite[] => {
    const content: unknown = at ? document[at] : document;
    if (!isObject(content)) {
      return [];
    }
    if (at !== "fields") {
      return [{ _id, body: content, kind, unset: [] }];
    }
    return Array.isArray(content)
      ? [{ _id, body: {}, kind, unset: content.flatMap(deletedPaths) }]
      : [];
  });
}

/** Returns the `_id` of the document that the request is for, and what it has for it. */
function only({ input }: KuzzleRequest): [string, JSONObject][] {
  const { _id }: { readonly _id?: unknown } = input.args;
  const isWrite = typeof _id === "string" && _id !== "" && isObject(input.body);

  return isWrite ? [[_id, input.body!]] : [];
}

function documentsOf({ input }: KuzzleRequest): [string, JSONObject][] {
  const documents: unknown = input.body?.["documents"];

  return (Array.isArray(documents) ? documents : [])
    .filter(isObject)
    .filter(({ _id }) => Boolean(_id) && !isObject(_id))
    .map((document) => [String(document["_id"]), document]);
}

/** Also accepts instances of classes and arrays: so does Kuzzle, and pipes may have made them. */
function isObject(value: unknown): value is JSONObject {
  return typeof value === "object" && value !== null;
}

/**
 * A name in a path, with the separator that ends it, in lodash's syntax.
 *
 * @see https://github.com/lodash/lodash/blob/4.17.21/lodash.js `rePropName`
 */
const NAME =
  /[^.[\]]+|\[(?:(-?\d+(?:\.\d+)?)|(["'])((?:(?!\2)[^\\]|\\.)*?)\2)\]|(?=(?:\.|\[\])(?:\.|\[\]|$))/g;

/**
 * Returns the paths that an item of `document:deleteFields` may mean. Kuzzle resolves it with lodash: an
 * array is a path; a string is the name of a field if there is such a field, and a path otherwise.
 *
 * @see https://lodash.com/docs/4.17.15#has
 */
export function deletedPaths(field: unknown): readonly Path[] {
  if (Array.isArray(field)) {
    return [field.map(String)];
  }
  const text = String(field);
  const names = [...text.matchAll(NAME)].map(
    ([match, number, quote, quoted = ""]) =>
      quote ? quoted.replace(/\\(\\)?/g, "$1") : (number ?? match),
  );

  return [[text], text.startsWith(".") ? ["", ...names] : names];
}
