/**
 * Estimates the size of the answer to a batch, in bytes. If the answer has no length, the size of the
 * first item is multiplied.
 */
export function bytesOf(
  { headers }: { readonly headers: Readonly<Record<string, string>> },
  members: readonly unknown[],
): number {
  const length = headers["content-encoding"] ? NaN : headers["content-length"];

  return Number(length) || JSON.stringify(members[0]).length * members.length;
}
