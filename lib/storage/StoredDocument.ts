import type { JSONObject } from "kuzzle";

/** A document as storage holds it. Nobody changes it. */
export interface StoredDocument {
  readonly version: number;
  /** With the term, what no other write of the document has. */
  readonly seqNo: number;
  readonly primaryTerm: number;
  readonly source: JSONObject;
}

/**
 * Makes a document of what Elasticsearch tells of one that was read or written.
 *
 * @returns nothing where that does not tell its writes apart: a bulk request takes a number that is
 * missing, or that stands for none, for no condition at all
 */
export function storedDocument(
  told: JSONObject,
  source: JSONObject,
): StoredDocument | undefined {
  const {
    _primary_term: primaryTerm,
    _seq_no: seqNo,
    _version: version,
  } = told;

  return isIntegerFrom(1, primaryTerm) &&
    isIntegerFrom(0, seqNo) &&
    isIntegerFrom(1, version)
    ? { primaryTerm, seqNo, source, version }
    : undefined;
}

function isIntegerFrom(min: number, value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= min;
}
