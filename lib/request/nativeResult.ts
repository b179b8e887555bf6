import { version } from "kuzzle/package.json";

import type {
  UpdateArguments,
  UpdatedDocument,
} from "../write/UpdateArguments";

const [major = 0, minor = 0] = version.split(".").map(Number);
const ANSWERS_BODY = major === 2 && minor < 49;

/**
 * Gives the after events the result of a write in the form that native `document:update` has.
 *
 * Before Kuzzle 2.49, without `source`, the result's `_source` is the same object as the request's body,
 * and has no `_kuzzle_info`: what a pipe adds to one appears in the other. The plugin may have written a
 * copy of the body, or several updates at once.
 */
export function nativeResult(
  written: Promise<UpdatedDocument>,
  { body, options }: UpdateArguments,
  answersBody = ANSWERS_BODY,
): Promise<UpdatedDocument> {
  return answersBody && !options.source
    ? written.then((document) => ({ ...document, _source: body }))
    : written;
}
