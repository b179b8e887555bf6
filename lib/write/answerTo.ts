import { copyOf } from "../copyOf";
import type { UpdateArguments, UpdatedDocument } from "./UpdateArguments";

/**
 * Makes the answer to one of several updates that were stored as one: its own changes, or a copy of the
 * document with `source`.
 *
 * Answers share no objects, so that a pipe that changes one does not change the others.
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
