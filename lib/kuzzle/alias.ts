/** Begins the names of the collections of an application; those of Kuzzle's own begin with "@%". */
const PUBLIC = "@&";
/** No name of an index has a dot in it. */
const ALIAS = /^@&([^.]+)\.(.+)$/;

/**
 * Returns the name by which Elasticsearch knows a collection of an application.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/service/storage/7/elasticsearch.ts `_getAlias`
 */
export function aliasOf(index: string, collection: string): string {
  return `${PUBLIC}${index}.${collection}`;
}

/** Tells which collection of an application an alias names; nothing of another one. */
export function collectionOf(
  alias: unknown,
): { readonly index: string; readonly collection: string } | undefined {
  const [, index, collection] = ALIAS.exec(String(alias)) ?? [];

  return index === undefined || collection === undefined
    ? undefined
    : { collection, index };
}
