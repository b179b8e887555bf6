import { documentKey, type Target } from "../kuzzle/collections";
import type { DocumentVersion } from "../storage/readDocuments";

/** Size of the cache, in documents. */
const MAX_DOCUMENTS = 10_000;
/**
 * How long a version is remembered, in ms. Short, because a collection that is truncated numbers its
 * writes anew: the sequence number of an old document may then be that of another one.
 */
const MAX_AGE = 5_000;

interface Known {
  readonly at: number;
  readonly version: DocumentVersion;
}

/**
 * Caches the versions of the documents that were last read or stored by conditional writes. A version
 * may be outdated; a write on it then fails with a conflict.
 */
export class RecentVersions {
  /** In the order in which they were set. */
  readonly #versions = new Map<string, Known>();

  get(target: Target): DocumentVersion | undefined {
    const known = this.#versions.get(documentKey(target));

    return known && performance.now() - known.at < MAX_AGE
      ? known.version
      : undefined;
  }

  /** @param version undefined to remove the document from the cache */
  set(target: Target, version: DocumentVersion | undefined): void {
    const key = documentKey(target);
    this.#versions.delete(key);
    if (version === undefined) {
      return;
    }
    const { primaryTerm, seqNo, version: number } = version;
    this.#versions.set(key, {
      at: performance.now(),
      // Without the content, which a document that was read has as well.
      version: { primaryTerm, seqNo, version: number },
    });
    if (this.#versions.size > MAX_DOCUMENTS) {
      const [oldest] = this.#versions.keys();
      this.#versions.delete(oldest!);
    }
  }
}
