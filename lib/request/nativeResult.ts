import { version } from "kuzzle/package.json";

import type {
  UpdateArguments,
  UpdatedDocument,
} from "../write/UpdateArguments";

const [major = 0, minor = 0] = version.split(".").map(Number);
const ANSWERS_BODY = major === 2 && minor < 49;

/**
 * Returns what a write answers as native `document:update` gives it to the after events.
 *
 * Before Kuzzle 2.49, without `source`, the result's `_source` is the very body of the request, and
 * has no `_kuzzle_info`: what a pipe adds to the one is in the other. A write may have been of a
 * copy, or of several updates at once.
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
