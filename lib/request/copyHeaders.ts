import type { KuzzleRequest } from "kuzzle";

const NODE = "X-Kuzzle-Node";

/** Makes the response headers of `to` the same as those of `from`: others are removed. */
export function copyHeaders(from: KuzzleRequest, to: KuzzleRequest): void {
  const { headers } = from.response;
  const names = Object.keys(headers);
  const former = Object.keys(to.response.headers);
  // Kuzzle adds its node to every response. If there is no other header, skip the expensive
  // serialization below.
  if (
    [names, former].every((each) => each.join() === NODE) &&
    headers[NODE] === to.response.headers[NODE]
  ) {
    return;
  }
  // Headers that were set with `configure`, in lower case: they are also part of the answer's body.
  const inBody = Object.keys(from.response.toJSON()["content"]?.headers ?? {});
  const position = (name: string) => inBody.indexOf(name.toLowerCase());

  for (const name of former) {
    to.response.removeHeader(name);
  }
  for (const name of names.sort(
    (one, other) => position(one) - position(other),
  )) {
    // "set-cookie" holds an array of values, which must be set one by one: an array would be joined.
    for (const value of [headers[name]].flat()) {
      if (position(name) === -1) {
        to.response.setHeader(name, value);
      } else {
        to.response.configure({ headers: { [name]: value } });
      }
    }
  }
}
