import { BaseController } from "kuzzle-sdk";
import type { KDocumentContentGeneric, Kuzzle } from "kuzzle-sdk";

import type {
  ApiDocumentUpdateResult,
  ApiDocumentUpdateStatsResult,
  DocumentUpdateOptions,
} from "./api";

export type {
  ApiDocumentUpdateRequest,
  ApiDocumentUpdateResult,
  ApiDocumentUpdateStatsRequest,
  ApiDocumentUpdateStatsResult,
  ApiHistogram,
  DocumentUpdateOptions,
} from "./api";

/**
 * SDK controller of the plugin: `update` has the signature, options and result of
 * `kuzzle.document.update`, and `stats` tells what the plugin has done.
 *
 * An application that renamed the plugin's controller gives that name in a subclass:
 * `class Custom extends DocumentUpdateController { constructor(kuzzle) { super(kuzzle, "custom"); } }`
 *
 * @example
 * kuzzle.useController(DocumentUpdateController, "documentUpdate");
 * await kuzzle.documentUpdate.update("nyc-open-data", "yellow-taxi", "liia", { seats: 5 });
 */
export class DocumentUpdateController extends BaseController {
  constructor(kuzzle: Kuzzle, name = "document-update") {
    super(kuzzle, name);
  }

  /**
   * Applies partial changes to a document. The document must exist.
   *
   * @throws services.storage.not_found when there is no such document
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
      retryOnConflict: options.retryOnConflict,
      silent: options.silent,
      source: options.source,
    };
    const response = await this.query(request, options);

    return response["result"];
  }

  /** Tells what the update action has done, on the node that answers, since it started. */
  async stats(): Promise<ApiDocumentUpdateStatsResult> {
    const response = await this.query({ action: "stats" });

    return response["result"];
  }
}
