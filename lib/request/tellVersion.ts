import type { KuzzleRequest } from "kuzzle";

import { etagOf } from "../change/ifMatch";

/**
 * Sets the header `ETag` to the version of the updated document, for use with `If-Match`. The answer to
 * a `PUT` has none, since the stored document is not what was sent.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-9.3.4
 */
export function tellVersion(request: KuzzleRequest, result: unknown): void {
  const { misc, protocol } = request.context.connection;
  const { _version } = Object(result) as { readonly _version?: unknown };
  if (
    protocol === "http" &&
    misc.verb === "PATCH" &&
    Number.isInteger(_version)
  ) {
    request.response.setHeader("ETag", etagOf(Number(_version)));
  }
}
