import type { JSONObject, KuzzleRequest } from "kuzzle";

import type { GuardedWrite } from "../change/guardedFields";
import type { Path } from "../change/paths";

/** What a native request would do to one document. */
export interface NativeWrite extends GuardedWrite {
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

/** Names of these actions. */
export const NATIVE_WRITES = Object.keys(ACTIONS);

/**
 * Returns what a request of one of these actions would write. Invalid items are skipped: the action
 * itself refuses them.
 */
export function nativeWrites(request: KuzzleRequest): NativeWrite[] {
  const action = String(request.input.action);
  if (!Object.hasOwn(ACTIONS, action)) {
    return [];
  }
  const { at, kind } = ACTIONS[action]!;
  const all = action.startsWith("m") ? documentsOf(request) : only(request);

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
