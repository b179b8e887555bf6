/**
 * The names in a path, and what ends them, as lodash reads it.
 *
 * @see https://github.com/lodash/lodash/blob/4.17.21/lodash.js `rePropName`
 */
const NAME =
  /[^.[\]]+|\[(?:(-?\d+(?:\.\d+)?)|(["'])((?:(?!\2)[^\\]|\\.)*?)\2)\]|(?=(?:\.|\[\])(?:\.|\[\]|$))/g;

/**
 * Returns the paths that a field of `document:deleteFields` may stand for. Kuzzle has lodash look for it:
 * a list is a path, and a text is the name of a field where there is one of that name, else a path.
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
