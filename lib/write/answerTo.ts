import { copyOf } from "../copyOf";
import type { UpdateArguments, UpdatedDocument } from "./UpdateArguments";

/**
 * Makes of a document, that several updates may have been stored in, what one of them answers: its
 * own changes, or a copy of the document with `source`.
 *
 * What a pipe then does to the answer of one client is not done to those of others.
 */
export function answerTo(
  document: UpdatedDocument,
  { body, options }: UpdateArguments,
): UpdatedDocument {
  if (options.source) {
    return copyOf(document);
  }
  const { _kuzzle_info } = document._source;

  return {
    ...document,
    _source: {
      ...body,
      ...(_kuzzle_info && { _kuzzle_info: { ..._kuzzle_info } }),
    },
  };
}
