import type { JSONObject } from "kuzzle";

import type { CreateCall, WriteTag } from "../kuzzle/WriteTag";
import { contentOf } from "../kuzzle/storageClient";
import { endDryRun, isConflict } from "./ConditionalWrite";

/**
 * The creation of a document, as it passes through Kuzzle to storage. It is sent only once: after a second
 * try, nobody could tell whether the document is that of the first, or of another writer.
 */
export class CreateWrite implements WriteTag {
  /** After a dry run, the document that would have been sent, including metadata. */
  dryRun: JSONObject | undefined;
  isStored = false;
  /** Whether nothing was stored because there is such a document. */
  isTaken = false;
  readonly #onStored: (() => void) | undefined;

  /** @param onStored called once it is stored; without it, it ends before it would be sent */
  constructor(onStored?: () => void) {
    this.#onStored = onStored;
  }

  async onCreate({ client, index, params }: CreateCall): Promise<JSONObject> {
    if (!this.#onStored) {
      this.dryRun = contentOf(params) as JSONObject;
      endDryRun();
    }
    try {
      const answer = await index.call(client, params, { maxRetries: 0 });
      this.isStored = true;
      this.#onStored();
      return answer;
    } catch (error) {
      this.isTaken = !this.isStored && isConflict(error);
      throw error;
    }
  }
}
