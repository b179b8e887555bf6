/**
 * Returns the lowest version of a range such as ">=2.38.1 <3".
 *
 * @param {string} range
 * @returns {string}
 */
export function lowestOf(range) {
  const [, lowest] = /^>=(\S+) /.exec(range) ?? [];
  if (lowest === undefined) {
    throw new Error(`expected a range such as ">=1.2.3 <2", found "${range}"`);
  }

  return lowest;
}
