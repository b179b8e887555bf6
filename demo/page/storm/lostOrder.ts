/**
 * Counts updates that were stored before one that the same connection had sent earlier for the same
 * document: their version is lower.
 *
 * @param runs the updates of one connection and one document, in the order in which they were sent;
 * those without a version were not stored
 */
export function lostOrder(
  runs: readonly (readonly { readonly version: number | undefined }[])[],
): number {
  let count = 0;
  for (const run of runs) {
    let highest = 0;
    for (const { version } of run) {
      if (version !== undefined) {
        if (version < highest) {
          count++;
        }
        highest = Math.max(highest, version);
      }
    }
  }

  return count;
}
