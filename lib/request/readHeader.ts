import type { KuzzleRequest } from "kuzzle";

/** Returns a header of a request, by its name in lower case. Other protocols than HTTP have none. */
export function readHeader(
  { context }: KuzzleRequest,
  name: string,
): string | undefined {
  const { misc, protocol } = context.connection;
  const headers = misc.headers as Readonly<Record<string, string>> | undefined;

  return protocol === "http" ? headers?.[name] : undefined;
}
