import type { JSONObject, KuzzleRequest } from "kuzzle";

import { deletedPaths } from "../change/deletedPaths";

/** What a request of a native action would do to a document. */
export type NativeWrite = NativeChange | NativeReplacement;

/** It changes the fields that it names, and no others. */
export interface NativeChange {
  readonly _id: string;
  readonly changes: JSONObject;
  /** Paths of fields to remove, each by its names. */
  readonly unset: readonly (readonly string[])[];
  /** Whether it creates the document where there is none. */
  readonly mayCreate: boolean;
}

/** It leaves nothing of what was there. */
export interface NativeReplacement {
  readonly _id: string;
  readonly content: JSONObject;
}

/** Makes a write of what a request has for a document. */
type ToWrite = (_id: string, given: JSONObject) => NativeWrite | undefined;

/**
 * The native actions of clients that change documents they name, but for those of `bulk`, and what they
 * would write. What is not as an action takes it is left out: the action itself refuses it.
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

/** Their names. */
export const NATIVE_WRITES = Object.keys(writers);

/** What a request of one of these actions would write. */
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

/** Of one document, whose `_id` is an argument. */
function ofBody(toWrite: ToWrite) {
  return ({ input: { args, body } }: KuzzleRequest): NativeWrite[] => {
    const { _id } = args;
    const isWrite = typeof _id === "string" && _id !== "" && isObject(body);

    return isWrite ? listOf(toWrite(_id, body)) : [];
  };
}

/** Of several documents, each with its `_id` beside the rest. */
function ofDocuments(toWrite: ToWrite) {
  return ({ input: { body } }: KuzzleRequest): NativeWrite[] => {
    const documents: unknown = body?.["documents"];

    return (Array.isArray(documents) ? documents : []).flatMap(
      (document: unknown) => {
        if (!isObject(document)) {
          return [];
        }
        // Without one, it is created, or refused. Storage takes a number for its text.
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

/** Not of plain objects alone: Kuzzle takes what pipes have made, too, and of a list its places. */
function isObject(value: unknown): value is JSONObject {
  return typeof value === "object" && value !== null;
}
