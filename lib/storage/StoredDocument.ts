import type { JSONObject } from "kuzzle";

/** Which write of a document was the last one. */
export interface DocumentVersion {
  readonly version: number;
  /** With the term, what no other write of the document has. */
  readonly seqNo: number;
  readonly primaryTerm: number;
}

/** A document as storage holds it. Nobody changes it. */
export interface StoredDocument extends DocumentVersion {
  readonly source: JSONObject;
}

/**
 * Takes the version of a document from what Elasticsearch tells of one that was read or written.
 *
 * @returns nothing where that does not tell its writes apart: a bulk request takes a number that is
 * missing, or that stands for none, for no condition at all
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

function isIntegerFrom(min: number, value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= min;
}
