import { inspect } from "node:util";

import { pluginError } from "../errors";
import type { Target } from "../kuzzle/collections";

/** The version that a document must have for a request to change it. */
export interface Precondition {
  /** For messages: `3`, or `"3", "4"`. */
  readonly expected: string;
  readonly isMet: (version: number) => boolean;
}

/** Longest part of `expected` that an error shows, in characters. */
const MAX_EXPECTED = 200;

/**
 * Reads the expected version from a request.
 *
 * @param ifVersion argument of the request: a version, or its digits, as in a query string
 * @param ifMatch header `If-Match`
 * @returns nothing if the request has neither
 * @throws plugin.document-update.invalid_argument, also if the two contradict each other
 */
export function readPrecondition({
  ifMatch,
  ifVersion,
}: {
  readonly ifMatch?: string | undefined;
  readonly ifVersion?: unknown;
}): Precondition | undefined {
  const tags = ifMatch === undefined ? undefined : parseIfMatch(ifMatch);
  if (ifVersion === undefined) {
    return tags && { expected: textOf(tags), isMet: matches(tags) };
  }
  const expected = readVersion(ifVersion);
  if (tags && !matchesVersion(tags, expected)) {
    const allowed = `one that "If-Match" allows, which is ${shorten(textOf(tags))}`;
    throw invalid(allowed, expected);
  }

  return {
    expected: String(expected),
    isMet: (version) => version === expected,
  };
}

/**
 * @param version of the stored document
 * @throws plugin.document-update.version_mismatch
 */
export function checkPrecondition(
  { expected, isMet }: Precondition,
  { _id, collection, index }: Target,
  version: number,
): void {
  if (!isMet(version)) {
    const versions = [shorten(expected), String(version)];
    throw pluginError("version_mismatch", index, collection, _id, ...versions);
  }
}

function readVersion(found: unknown): number {
  const version =
    typeof found === "string" && /^[1-9]\d*$/.test(found)
      ? Number(found)
      : found;
  if (!Number.isSafeInteger(version) || Number(version) < 1) {
    throw invalid("a version of the document, an integer from 1", found);
  }

  return Number(version);
}

const matches = (tags: IfMatch) => (version: number) =>
  matchesVersion(tags, version);

function textOf(tags: IfMatch): string {
  return tags === "*" ? tags : tags.join(", ") || "none";
}

function shorten(text: string): string {
  return text.length > MAX_EXPECTED ? `${text.slice(0, MAX_EXPECTED)}…` : text;
}

function invalid(expected: string, found: unknown): Error {
  const shown = inspect(found, { depth: 0, maxStringLength: 100 });
  return pluginError("invalid_argument", "ifVersion", expected, shown);
}

/** The versions that `If-Match` allows: `*` for any, or a list of entity tags as they were sent. */
export type IfMatch = "*" | readonly string[];

/**
 * One element of the list, which may be empty, and its separator. No two parts of the expression can
 * start with the same character, so it runs in linear time.
 */
const ELEMENT = /[ \t]*(?:((?:W\/)?"[!#-~\x80-\uffff]*")[ \t]*)?(?:(,)|$)/y;

/**
 * Parses the header `If-Match`.
 *
 * @throws plugin.document-update.invalid_argument
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-if-match
 */
export function parseIfMatch(header: string): IfMatch {
  if (/^[ \t]*\*[ \t]*$/.test(header)) {
    return "*";
  }
  const element = new RegExp(ELEMENT);
  const tags: string[] = [];
  for (;;) {
    const found = element.exec(header);
    if (found === null) {
      const expected = '* or a list of entity tags, such as "3"';
      const shown = inspect(header, { maxStringLength: 100 });
      throw pluginError("invalid_argument", "If-Match", expected, shown);
    }
    if (found[1] !== undefined) {
      tags.push(found[1]);
    }
    if (found[2] === undefined) {
      return tags;
    }
  }
}

/** Returns the entity tag of a document version, for the header `ETag`. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/** Strong comparison: a weak tag, or one that is not a version, never matches. */
export function matchesVersion(ifMatch: IfMatch, version: number): boolean {
  return ifMatch === "*" || ifMatch.includes(etagOf(version));
}
