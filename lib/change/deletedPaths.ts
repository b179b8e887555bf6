/**
 * A name in a path, with the separator that ends it, in lodash's syntax.
 *
 * @see https://github.com/lodash/lodash/blob/4.17.21/lodash.js `rePropName`
 */
const NAME =
  /[^.[\]]+|\[(?:(-?\d+(?:\.\d+)?)|(["'])((?:(?!\2)[^\\]|\\.)*?)\2)\]|(?=(?:\.|\[\])(?:\.|\[\]|$))/g;

/**
 * Returns the paths that an item of `document:deleteFields` may mean. Kuzzle resolves it with lodash: an
 * array is a path; a string is the name of a field if there is such a field, and a path otherwise.
 *
 * @see https://lodash.com/docs/4.17.15#has
 */
export function deletedPaths(field: unknown): readonly (readonly string[])[] {
  if (Array.isArray(field)) {
    return [field.map(String)];
  }
  const text = String(field);

  return [[text], namesIn(text)];
}

function namesIn(text: string): readonly string[] {
  const names = [...text.matchAll(NAME)].map(
    ([match, number, quote, quoted = ""]) =>
      quote ? quoted.replace(/\\(\\)?/g, "$1") : (number ?? match),
  );

  return text.startsWith(".") ? ["", ...names] : names;
}
