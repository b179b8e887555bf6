/** Tells whether a collection is one of those that patterns name. */
export type CollectionMatcher = (index: string, collection: string) => boolean;

/** Tells a pattern of collections: `<index>/<collection>`, where `*` stands for any run of characters. */
export function isCollectionPattern(value: unknown): value is string {
  return typeof value === "string" && /^[^/]+\/[^/]+$/.test(value);
}

/** Makes a matcher of patterns: a collection matches when one of them does. */
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
