import { aliasOf } from "../kuzzle/alias";
import type { DocumentVersion } from "../storage/StoredDocument";
import type { Target } from "../write/UpdateArguments";

/** Most documents that are remembered. */
const MAX_DOCUMENTS = 10_000;

/**
 * The versions of the documents that were last written or read for a conditional write. Others may
 * have written these since: the write finds out.
 */
export class RecentVersions {
  /** The one that was set last comes last. */
  readonly #versions = new Map<string, DocumentVersion>();

  get(target: Target): DocumentVersion | undefined {
    return this.#versions.get(keyOf(target));
  }

  /** @param version without, the document is forgotten */
  set(target: Target, version: DocumentVersion | undefined): void {
    const key = keyOf(target);
    this.#versions.delete(key);
    if (version === undefined) {
      return;
    }
    this.#versions.set(key, version);
    if (this.#versions.size > MAX_DOCUMENTS) {
      const [oldest] = this.#versions.keys();
      this.#versions.delete(oldest!);
    }
  }
}

function keyOf({ _id, collection, index }: Target): string {
  return `${aliasOf(index, collection)}/${_id}`;
}
