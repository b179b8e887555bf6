import type { EmbeddedSDK, JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import type { Read, ReadCall } from "../kuzzle/WriteTag";
import { aliasOf, areNames, type Target } from "../kuzzle/collections";
import {
  bodyOf,
  type ClientVersion,
  newStorageClient,
} from "../kuzzle/storageClient";
import { type BatchOutcome, type Outcome, outcomeOf } from "./BatchQueue";
import { bytesOf } from "./bulk";

/** Identifies one write of a document. */
export interface DocumentVersion {
  /** The document's `_version`. */
  readonly version: number;
  /** Sequence number. Together with the primary term it identifies the write, and makes its condition. */
  readonly seqNo: number;
  readonly primaryTerm: number;
}

/** A stored document with its version. Never modified. */
export interface StoredDocument extends DocumentVersion {
  readonly source: JSONObject;
}

/** The version of a document that does not exist. */
export const ABSENT: DocumentVersion = {
  primaryTerm: 0,
  seqNo: -2,
  version: 0,
};

/** Tells whether a document does not exist: then its source is what it would be created from. */
export function isAbsent({ version }: DocumentVersion): boolean {
  return version === 0;
}

/**
 * Takes the version of a document from Elasticsearch's answer to a read or a write.
 *
 * @returns undefined if the answer has no valid sequence number or primary term: a bulk request would
 * ignore such a condition
 */
export function documentVersion(told: JSONObject): DocumentVersion | undefined {
  const {
    _primary_term: primaryTerm,
    _seq_no: seqNo,
    _version: version,
  } = told;

  return isIntegerFrom(1, primaryTerm) &&
    isIntegerFrom(0, seqNo) &&
    isIntegerFrom(1, version)
    ? { primaryTerm, seqNo, version }
    : undefined;
}

/**
 * Takes a document from Elasticsearch's answer to a read.
 *
 * @returns undefined if the answer has no valid version
 */
export function storedDocument(told: JSONObject): StoredDocument | undefined {
  const version = documentVersion(told);

  return version && { ...version, source: told["_source"] as JSONObject };
}

function isIntegerFrom(min: number, value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= min;
}

/**
 * Reads a document with its sequence number and primary term, which Kuzzle's API does not return.
 *
 * @param version undefined if Kuzzle is not as expected, or not checked yet
 * @param read replaces the client's own method
 * @throws the error of native `document:get`, if the document cannot be read;
 * plugin.document-update.conditional_writes_unavailable if Kuzzle can read the document, but this
 * function cannot, and if writes cannot be made conditional
 * @see https://docs.kuzzle.io/core/2/framework/classes/backend-storage/
 */
export async function readDocument(
  sdk: Pick<EmbeddedSDK, "document">,
  version: ClientVersion | undefined,
  { _id, collection, index }: Target,
  read: Read = ({ client, get, params }) => get.call(client, params),
): Promise<StoredDocument> {
  if (version === undefined) {
    throw unavailable();
  }
  if (!areNames(index, collection)) {
    // Kuzzle's rights on some collections let a number pass for one, which Kuzzle then refuses.
    await sdk.document.get(index, collection, _id);
    throw unavailable();
  }
  const client = newStorageClient();
  const params = { id: _id, index: aliasOf(index, collection) };
  const get = (found: JSONObject) => client.get(found);
  let answer: JSONObject;
  try {
    answer = await read({ client, get, params, version });
  } catch {
    await sdk.document.get(index, collection, _id);
    // Kuzzle has found it: the document has been created meanwhile.
    answer = await client.get(params).catch((cause: unknown) => {
      throw unavailable(cause);
    });
  }
  const document = storedDocument(bodyOf(answer));
  if (document === undefined) {
    throw unavailable();
  }

  return document;
}

function unavailable(cause?: unknown): Error {
  const error = pluginError("conditional_writes_unavailable");

  return Object.assign(error, { cause });
}

interface Found {
  readonly _id: string;
  /** Missing if storage could not read the document. */
  readonly found?: boolean;
  readonly _source?: JSONObject;
}

/**
 * Reads documents of a collection by one request. Returns those that exist, by `_id`.
 *
 * Not by `document:mGet`, which does not distinguish a missing document from one that cannot be read.
 *
 * @param version undefined if Kuzzle is not as expected, or not checked yet
 * @throws the error of native `document:mGet`, if they cannot be read;
 * plugin.document-update.guards_unavailable if Kuzzle can read them, but this function cannot
 */
export async function readSources(
  sdk: Pick<EmbeddedSDK, "document">,
  version: ClientVersion | undefined,
  index: string,
  collection: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, JSONObject>> {
  const client = newStorageClient();
  const unavailable = (cause?: unknown) => {
    const error = pluginError("guards_unavailable", index, collection);
    return Object.assign(error, { cause });
  };
  if (version === undefined) {
    throw unavailable();
  }
  const own = [...new Set(ids)];
  let cause: unknown;
  try {
    const answer = await client.mget(
      { index: aliasOf(index, collection), ...version.mget(own) },
      {},
    );
    const { docs } = bodyOf(answer) as { readonly docs: readonly Found[] };
    if (docs.every(({ found }) => found !== undefined)) {
      return new Map(
        docs
          .filter(({ found }) => found)
          .map(({ _id, _source = {} }) => [_id, _source]),
      );
    }
  } catch (error) {
    cause = error;
  }
  await sdk.document.mGet(index, collection, own);
  throw unavailable(cause);
}

/** A document that Kuzzle reads from its client of Elasticsearch. */
export interface ReadRequest {
  readonly call: ReadCall;
  /** Its part of a multi-get request. */
  readonly lines: string;
}

/** The client's answer to a multi-get request, in both versions. */
interface ReadAnswer {
  readonly body: { readonly docs: readonly JSONObject[] };
  readonly headers: Readonly<Record<string, string>>;
}

/** Timeout of a multi-get request, in ms, after which each document is read by itself. */
const MAX_WAIT = 5_000;

/**
 * Reads documents of one collection by one multi-get request.
 *
 * A document that is missing or cannot be read is read again by itself, so that the error is the native
 * one.
 */
export async function sendReads(
  requests: readonly [ReadRequest, ...ReadRequest[]],
): Promise<BatchOutcome> {
  if (requests.length === 1) {
    return { bytes: 0, outcomes: [await readAlone(requests[0])] };
  }
  try {
    const { client, params, version } = requests[0].call;
    const ids = requests.map(({ call }) => call.params["id"] as string);
    const answer = (await client.mget(
      { index: params["index"] as string, ...version.mget(ids) },
      { maxRetries: 0, meta: true, requestTimeout: MAX_WAIT },
    )) as unknown as ReadAnswer;
    const { docs } = answer.body;
    const outcomes = requests.map((request, place) => {
      const document = docs[place];
      return document?.["found"] === true
        ? { answer: version.answer(document) }
        : readAlone(request);
    });

    return { bytes: bytesOf(answer, docs), outcomes };
  } catch {
    return { bytes: 0, outcomes: requests.map(readAlone) };
  }
}

function readAlone({ call }: ReadRequest): Promise<Outcome> {
  return outcomeOf(call.get.call(call.client, call.params));
}
