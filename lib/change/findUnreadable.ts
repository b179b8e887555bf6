/**
 * Finds the name of a field, at any depth of a value of JSON, with which Kuzzle's client of
 * Elasticsearch 7 stores a document and then refuses to read it: nobody could any more.
 *
 * @see https://github.com/fastify/secure-json-parse
 */
export function findUnreadable(value: unknown): string | undefined {
  // A list of what is left rather than calls: no depth ends the stack.
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

/** Of a null, the check itself fails. */
function isRefused(constructor: unknown): boolean {
  return (
    constructor === null ||
    Object.hasOwn(Object(constructor) as object, "prototype")
  );
}
