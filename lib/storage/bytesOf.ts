/**
 * Tells how many bytes the answer to a batch has, about: where it does not tell its length, its first
 * member stands for the others.
 */
export function bytesOf(
  { headers }: { readonly headers: Readonly<Record<string, string>> },
  members: readonly unknown[],
): number {
  const length = headers["content-encoding"] ? NaN : headers["content-length"];

  return Number(length) || JSON.stringify(members[0]).length * members.length;
}
