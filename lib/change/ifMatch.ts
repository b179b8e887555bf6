import { inspect } from "node:util";

import { pluginError } from "../errors";

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
