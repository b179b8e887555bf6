import { BaseController } from "kuzzle-sdk";
import type { KDocument, KDocumentContentGeneric, Kuzzle } from "kuzzle-sdk";

import type {
  ApiDocumentModifyResult,
  ApiDocumentUpdateResult,
  ApiDocumentUpdateStatsResult,
  DocumentModification,
  DocumentModifyOptions,
  DocumentUpdateErrorId,
  DocumentUpdateOptions,
} from "./api";

export type {
  ApiDocumentModifyRequest,
  ApiDocumentModifyResult,
  ApiDocumentUpdateRequest,
  ApiDocumentUpdateResult,
  ApiDocumentUpdateStatsRequest,
  ApiDocumentUpdateStatsResult,
  ApiHistogram,
  DocumentModification,
  DocumentModificationStep,
  DocumentModifyOptions,
  DocumentOperators,
  DocumentUpdateErrorId,
  DocumentUpdateOptions,
} from "./api";

/** The part of Kuzzle's embedded SDK that is used, whose type is that of Kuzzle's own copy of the SDK. */
interface EmbeddedKuzzle {
  query(...args: never[]): Promise<object>;
  as(user: { _id: string }): object;
}

declare module "kuzzle-sdk" {
  interface Kuzzle {
    /**
     * The plugin's controller, once `useController(DocumentUpdateController, "documentUpdate")` has added
     * it. Under another name, declare that one in the same way.
     */
    documentUpdate: DocumentUpdateController;
  }
}

/** Bounds of the backoff between retries, in ms: the first pause, which doubles each time, and the longest. */
const FIRST_PAUSE = 10;
const LAST_PAUSE = 200;

/**
 * SDK controller of the plugin. `update` has the signature, options and result of
 * `kuzzle.document.update`; `updateWithRetry` and `modify` change documents that others may change at
 * the same time; `stats` returns the plugin's statistics.
 *
 * If the application renamed the plugin's controller, pass that name in a subclass:
 * `class Custom extends DocumentUpdateController { constructor(kuzzle) { super(kuzzle, "custom"); } }`
 *
 * @example
 * kuzzle.useController(DocumentUpdateController, "documentUpdate");
 * await kuzzle.documentUpdate.update("nyc-open-data", "yellow-taxi", "liia", { seats: 5 });
 */
export class DocumentUpdateController extends BaseController {
  /** @param kuzzle the SDK of a client; or of server code: `app.sdk`, or `app.sdk.as(user)` */
  constructor(kuzzle: Kuzzle | EmbeddedKuzzle, name = "document-update") {
    super(kuzzle, name);
  }

  /**
   * Applies partial changes to a document. The document must exist.
   *
   * @throws services.storage.not_found if there is no such document;
   * plugin.document-update.version_mismatch if it has another version than `ifVersion`;
   * plugin.document-update.version_conflict if others kept changing it
   * @see https://docs.kuzzle.io/sdk/js/7/controllers/document/update/
   */
  async update<
    TContent extends KDocumentContentGeneric = KDocumentContentGeneric,
  >(
    index: string,
    collection: string,
    _id: string,
    content: Partial<TContent>,
    options: DocumentUpdateOptions = {},
  ): Promise<ApiDocumentUpdateResult<TContent>> {
    const request = {
      _id,
      action: "update",
      body: content,
      collection,
      index,
    };
    const response = await this.query(request, options);

    return response["result"];
  }

  /**
   * Reads a document, computes changes, and updates the document if it has not changed since. If it has,
   * it reads, computes and updates again after a random pause: of at most 10 ms before the first retry,
   * twice that before each following one, and never more than 200 ms. The user also needs the right on `document:get`.
   *
   * @example
   * await kuzzle.documentUpdate.updateWithRetry("nyc-open-data", "yellow-taxi", "liia",
   *   ({ _source }) => ({ seats: _source.seats + 1 }));
   *
   * @param change returns partial changes of the document that it is given, or undefined to leave it as
   * it is. It may be called several times
   * @param options `retries`: how many times to retry, 10 by default
   * @returns undefined if `change` returned undefined
   * @throws plugin.document-update.version_mismatch if others changed the document before each try; any
   * other error, also what `change` throws, without a retry
   */
  async updateWithRetry<
    TContent extends KDocumentContentGeneric = KDocumentContentGeneric,
  >(
    index: string,
    collection: string,
    _id: string,
    change: (
      document: KDocument<TContent>,
    ) => Partial<TContent> | undefined | Promise<Partial<TContent> | undefined>,
    options: Omit<DocumentUpdateOptions, "ifVersion"> & {
      readonly retries?: number;
    } = {},
  ): Promise<ApiDocumentUpdateResult<TContent> | undefined> {
    const { retries = 10, ...rest } = options;
    let tries = 0;
    for (;;) {
      const document = await this.kuzzle.document.get<TContent>(
        index,
        collection,
        _id,
      );
      const content = await change(document);
      if (content === undefined) {
        return undefined;
      }
      try {
        return await this.update(index, collection, _id, content, {
          ...rest,
          ifVersion: Number(document._version),
        });
      } catch (error) {
        if (tries >= retries || !isMismatch(error)) {
          throw error;
        }
        await pauseAfter(tries++);
      }
    }
  }

  /**
   * Applies changes that are computed from the stored document, in one step. The document must exist.
   *
   * @example
   * await kuzzle.documentUpdate.modify("nyc-open-data", "yellow-taxi", "liia", {
   *   operators: { increment: { rides: 1 } },
   * });
   *
   * @param options with `requestKey`, the same call can be repeated safely if its answer is lost
   * @throws services.storage.not_found if there is no such document;
   * plugin.document-update.condition_not_met, plugin.document-update.version_mismatch if the document is
   * not as required; plugin.document-update.operator_type if a field has another type than its operator
   * needs; others: docs/errors.md
   */
  async modify<
    TContent extends KDocumentContentGeneric = KDocumentContentGeneric,
  >(
    index: string,
    collection: string,
    _id: string,
    modification: DocumentModification<TContent>,
    options: DocumentModifyOptions = {},
  ): Promise<ApiDocumentModifyResult<TContent>> {
    const request = {
      _id,
      action: "modify",
      body: modification,
      collection,
      index,
    };
    const response = await this.query(request, options);

    return response["result"];
  }

  /** Returns the statistics of `update` and `modify` on the node that answers, since it started. */
  async stats(): Promise<ApiDocumentUpdateStatsResult> {
    const response = await this.query({ action: "stats" });

    return response["result"];
  }
}

/** Pauses for a random time (backoff with jitter), so that clients that conflicted do not conflict again. */
function pauseAfter(tries: number): Promise<void> {
  const longest = Math.min(FIRST_PAUSE * 2 ** tries, LAST_PAUSE);

  return new Promise((resolve) => {
    setTimeout(resolve, Math.random() * longest);
  });
}

/** Tells whether an error says that others have changed the document meanwhile. */
function isMismatch(error: unknown): boolean {
  const { id } = Object(error) as { readonly id?: unknown };
  const mismatch: DocumentUpdateErrorId =
    "plugin.document-update.version_mismatch";

  return id === mismatch;
}
