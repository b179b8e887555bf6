import type { KuzzleRequest } from "kuzzle";

const NODE = "X-Kuzzle-Node";

/** Leaves the answer of `to` with the headers of that of `from`, and with no other. */
export function copyHeaders(from: KuzzleRequest, to: KuzzleRequest): void {
  const { headers } = from.response;
  const names = Object.keys(headers);
  const former = Object.keys(to.response.headers);
  // Kuzzle names its node in every response. Where that is all, nothing is written out to be copied.
  if (
    [names, former].every((each) => each.join() === NODE) &&
    headers[NODE] === to.response.headers[NODE]
  ) {
    return;
  }
  // The headers that `configure` was given, in lower case: the body of the answer shows them too.
  const inBody = Object.keys(from.response.toJSON()["content"]?.headers ?? {});
  const position = (name: string) => inBody.indexOf(name.toLowerCase());

  for (const name of former) {
    to.response.removeHeader(name);
  }
  for (const name of names.sort(
    (one, other) => position(one) - position(other),
  )) {
    // "set-cookie" holds a list of values: set as it is, it would be joined into one.
    for (const value of [headers[name]].flat()) {
      if (position(name) === -1) {
        to.response.setHeader(name, value);
      } else {
        to.response.configure({ headers: { [name]: value } });
      }
    }
  }
}
