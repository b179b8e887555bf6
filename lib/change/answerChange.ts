import type { JSONObject } from "kuzzle";

import { answerTo } from "../write/answerTo";
import type { UpdatedDocument } from "../write/UpdateArguments";
import type { ChangedDocument } from "./Change";
import type { Decision } from "./decide";

/** A write that stored one or more changes. */
export interface StoredChanges {
  readonly answer: UpdatedDocument;
  /** Number of changes that it stored. */
  readonly count: number;
}

/**
 * Makes the answer to a change.
 *
 * @param stored the write that stored the change, or other changes of the same fold; undefined if
 * nothing was written
 * @param dryRun returns the document as the change would leave it
 */
export async function answerChange(
  decision: Decision,
  stored: StoredChanges | undefined,
  dryRun: (decision: Decision) => Promise<JSONObject>,
): Promise<ChangedDocument> {
  const { change, isWritten, updatedFields, update } = decision;
  const answer =
    stored?.count === 1 && isWritten
      ? stored.answer
      : answerTo(await documentOf(decision, stored, dryRun), update);

  return {
    ...answer,
    ...(change.tellsFields && { _updatedFields: updatedFields }),
  };
}

/** Returns the document after the change; before it, if nothing was written; or as a dry run predicts it. */
async function documentOf(
  decision: Decision,
  stored: StoredChanges | undefined,
  dryRun: (decision: Decision) => Promise<JSONObject>,
): Promise<UpdatedDocument> {
  const { after, change, current, isBehind, isWritten, update } = decision;
  if (stored && (isWritten || isBehind)) {
    const { _kuzzle_info } = stored.answer._source;
    const metadata = _kuzzle_info && { _kuzzle_info };
    return { ...stored.answer, _source: { ...after, ...metadata } };
  }
  const _source = change.isDryRun ? await dryRun(decision) : current.source;

  return { _id: update._id, _source, _version: current.version };
}
