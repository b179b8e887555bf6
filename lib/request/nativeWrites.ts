import type { JSONObject, KuzzleRequest } from "kuzzle";

/** What a native request would do to one document. */
export type NativeWrite = NativeChange | NativeReplacement;

/** A partial change: other fields stay as they are. */
export interface NativeChange {
  readonly _id: string;
  readonly changes: JSONObject;
  /** Paths of fields to remove, each as a list of names. */
  readonly unset: readonly (readonly string[])[];
  /** Whether the document is created if it does not exist. */
  readonly mayCreate: boolean;
}

/** A new content for the whole document. */
export interface NativeReplacement {
  readonly _id: string;
  readonly content: JSONObject;
}

/** Reads the write of one document from a request's content for it. */
type ToWrite = (_id: string, given: JSONObject) => NativeWrite | undefined;

/**
 * The native actions that write documents by id, except those of the `bulk` controller, each with a
 * function that reads the writes. Invalid items are skipped: the action itself refuses them.
 */
const writers: Readonly<
  Record<string, (request: KuzzleRequest) => NativeWrite[]>
> = {
  createOrReplace: ofBody(replacement),
  deleteFields: ofBody((_id, { fields }) =>
    Array.isArray(fields)
      ? {
          _id,
          changes: {},
          mayCreate: false,
          unset: fields.flatMap(deletedPaths),
        }
      : undefined,
  ),
  mCreateOrReplace: ofDocuments(ofField("body", replacement)),
  mReplace: ofDocuments(ofField("body", replacement)),
  mUpdate: ofDocuments(ofField("body", change)),
  mUpsert: ofDocuments(ofField("changes", changeOrCreation)),
  replace: ofBody(replacement),
  update: ofBody(change),
  upsert: ofBody(ofField("changes", changeOrCreation)),
};

/** Names of these actions. */
export const NATIVE_WRITES = Object.keys(writers);

/** Returns what a request of one of these actions would write. */
export function nativeWrites(request: KuzzleRequest): NativeWrite[] {
  const action = String(request.input.action);

  return Object.hasOwn(writers, action) ? writers[action]!(request) : [];
}

function change(_id: string, changes: JSONObject): NativeChange {
  return { _id, changes, mayCreate: false, unset: [] };
}

function changeOrCreation(_id: string, changes: JSONObject): NativeChange {
  return { ...change(_id, changes), mayCreate: true };
}

function replacement(_id: string, content: JSONObject): NativeReplacement {
  return { _id, content };
}

/** For actions on one document, whose `_id` is an argument. */
function ofBody(toWrite: ToWrite) {
  return ({ input: { args, body } }: KuzzleRequest): NativeWrite[] => {
    const { _id } = args;
    const isWrite = typeof _id === "string" && _id !== "" && isObject(body);

    return isWrite ? listOf(toWrite(_id, body)) : [];
  };
}

/** For actions on several documents, each of which has its `_id` in the body. */
function ofDocuments(toWrite: ToWrite) {
  return ({ input: { body } }: KuzzleRequest): NativeWrite[] => {
    const documents: unknown = body?.["documents"];

    return (Array.isArray(documents) ? documents : []).flatMap(
      (document: unknown) => {
        if (!isObject(document)) {
          return [];
        }
        // Without an `_id`, Kuzzle creates or refuses the document. Storage turns a number into its
        // text.
        const { _id } = document;
        const isNamed = Boolean(_id) && !isObject(_id);

        return isNamed ? listOf(toWrite(String(_id), document)) : [];
      },
    );
  };
}

function ofField(name: string, toWrite: ToWrite): ToWrite {
  return (_id, given) => {
    const value: unknown = given[name];

    return isObject(value) ? toWrite(_id, value) : undefined;
  };
}

function listOf(write: NativeWrite | undefined): NativeWrite[] {
  return write ? [write] : [];
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
export function deletedPaths(field: unknown): readonly (readonly string[])[] {
  if (Array.isArray(field)) {
    return [field.map(String)];
  }
  const text = String(field);

  return [[text], namesIn(text)];
}

function namesIn(text: string): readonly string[] {
  const names = [...text.matchAll(NAME)].map(
    ([match, number, quote, quoted = ""]) =>
      quote ? quoted.replace(/\\(\\)?/g, "$1") : (number ?? match),
  );

  return text.startsWith(".") ? ["", ...names] : names;
}
