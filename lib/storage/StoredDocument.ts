import type { JSONObject } from "kuzzle";

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
