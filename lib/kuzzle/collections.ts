/** Identifies a document. */
export interface Target {
  readonly index: string;
  readonly collection: string;
  readonly _id: string;
}

/** Tells whether values can name a collection, or a document. Kuzzle refuses a request with others. */
export function areNames(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === "string");
}

/** Prefix of an application's collections in Elasticsearch. Kuzzle's own begin with "@%". */
const PUBLIC = "@&";
/** The name of an index contains no dot, but that of a collection may. */
const ALIAS = /^@&([^.]+)\.(.+)$/;

/**
 * Returns the alias of an application's collection in Elasticsearch.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/service/storage/7/elasticsearch.ts `_getAlias`
 */
export function aliasOf(index: string, collection: string): string {
  return `${PUBLIC}${index}.${collection}`;
}

/** Returns a key of a document, which no other names share, of whatever type they are. */
export function documentKey({ _id, collection, index }: Target): string {
  return JSON.stringify([index, collection, _id]);
}

/** Returns the collection that an alias stands for; undefined if it is not one of the application. */
export function collectionOf(
  alias: unknown,
): { readonly index: string; readonly collection: string } | undefined {
  const [, index, collection] = ALIAS.exec(String(alias)) ?? [];

  return index === undefined || collection === undefined
    ? undefined
    : { collection, index };
}

/** Tells whether a collection matches a list of patterns. */
export type CollectionMatcher = (index: string, collection: string) => boolean;

/**
 * Tells whether a value is a collection pattern: `<index>/<collection>`, where `*` stands for any run of
 * characters.
 */
export function isCollectionPattern(value: unknown): value is string {
  return typeof value === "string" && /^[^/]+\/[^/]+$/.test(value);
}

/** Makes a function that tells whether a collection matches at least one of the patterns. */
export function collectionMatcher(
  patterns: readonly string[],
): CollectionMatcher {
  if (patterns.length === 0) {
    return () => false;
  }
  const any = new RegExp(`^(?:${patterns.map(toRegExp).join("|")})$`);

  return (index, collection) => any.test(`${index}/${collection}`);
}

function toRegExp(pattern: string): string {
  return pattern
    .split("*")
    .map((text) => text.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"))
    .join("[^/]*");
}
