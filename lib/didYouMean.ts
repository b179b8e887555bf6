/** Longest name that is compared, in characters: clients may send any. */
const MAX_LENGTH = 64;

/**
 * Returns the last prop of an error about an unknown name, which `pluginError` adds to the message: a
 * question that names the nearest of the known names. Capitals and signs do not count; two letters may be
 * missing, added or others, but no more than one in three.
 *
 * @returns nothing if no known name is near
 */
export function didYouMean(
  name: string,
  known: readonly string[],
): readonly string[] {
  if (name.length > MAX_LENGTH) {
    return [];
  }
  const [nearest] = known
    .map((each) => ({ away: distance(plain(name), plain(each)), each }))
    .filter(({ away, each }) => away <= Math.min(2, each.length / 3))
    .sort((one, other) => one.away - other.away);

  return nearest ? [`Did you mean "${nearest.each}"?`] : [];
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** Levenshtein's: how many letters have to be removed, added or replaced. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, place) => place);
  for (const [line, letter] of [...one].entries()) {
    const next = [line + 1];
    for (const [place, wanted] of [...other].entries()) {
      next.push(
        Math.min(
          row[place]! + Number(letter !== wanted),
          row[place + 1]! + 1,
          next[place]! + 1,
        ),
      );
    }
    row = next;
  }

  return row.at(-1)!;
}
