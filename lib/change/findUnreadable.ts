/**
 * Finds, at any depth of a JSON value, a field name that Kuzzle's client of Elasticsearch 7 writes but
 * refuses to parse: a document with such a field could not be read again.
 *
 * @see https://github.com/fastify/secure-json-parse
 */
export function findUnreadable(value: unknown): string | undefined {
  // A work list rather than recursion: a deep value cannot overflow the stack.
  const left = [value];
  for (const each of left) {
    if (typeof each !== "object" || each === null) {
      continue;
    }
    for (const [name, inside] of Object.entries(each) as [string, unknown][]) {
      if (
        name === "__proto__" ||
        (name === "constructor" && isRefused(inside))
      ) {
        return name;
      }
      left.push(inside);
    }
  }

  return undefined;
}

/** The client's own check throws if `constructor` is null. */
function isRefused(constructor: unknown): boolean {
  return (
    constructor === null ||
    Object.hasOwn(Object(constructor) as object, "prototype")
  );
}
