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
