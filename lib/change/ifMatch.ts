import { inspect } from "node:util";

import { pluginError } from "../errors";

/** Which versions of a document `If-Match` allows: `*`, any, or its entity tags as they are written. */
export type IfMatch = "*" | readonly string[];

/**
 * An element of the list, which may be empty, and what ends it. No two parts of it begin with the same
 * character, so that it takes linear time.
 */
const ELEMENT = /[ \t]*(?:((?:W\/)?"[!#-~\x80-\uffff]*")[ \t]*)?(?:(,)|$)/y;

/**
 * Reads the header `If-Match`.
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

/** Returns the entity tag of a version of a document: what `ETag` tells, and `If-Match` may name. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/** Compares strongly: a weak tag, or one that is no version, matches none. */
export function matchesVersion(ifMatch: IfMatch, version: number): boolean {
  return ifMatch === "*" || ifMatch.includes(etagOf(version));
}
