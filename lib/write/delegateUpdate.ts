import type {
  ArgsDocumentControllerUpdate,
  EmbeddedSDK,
  JSONObject,
  KDocument,
  KDocumentContentGeneric,
} from "kuzzle";

import { CALLERS_VOLATILE } from "./callersVolatile";
import { isVersionConflict, versionConflict } from "./versionConflict";

/** A partial update of one document, and on whose behalf. */
export interface UpdateArguments {
  readonly index: string;
  readonly collection: string;
  readonly _id: string;
  /** The changes to apply. */
  readonly body: JSONObject;
  /** Identifier of the user who updates the document. */
  readonly kuid: string;
  readonly options: UpdateOptions;
}

/**
 * All that the client's input may tell the embedded SDK, which copies every option onto the
 * request it makes: `__kuid__` or `triggerEvents` would be obeyed.
 */
export interface UpdateOptions {
  readonly silent: boolean;
  readonly source: boolean;
  readonly refresh?: string;
  /** Passed on unread, as natively: storage itself refuses what is not an integer. */
  readonly retryOnConflict?: unknown;
  /** Identifier that the client gave its request: notifications carry it. */
  readonly requestId: string;
  /** Moment of the request, in ms since the epoch: notifications carry it. */
  readonly timestamp: number;
  /** Notifications carry it. */
  readonly volatile: JSONObject | null;
}

/**
 * Updates a document through the embedded SDK, on behalf of the caller.
 *
 * @throws plugin.document-update.version_conflict, when others write the document at once; any other
 * native error, untouched
 */
export async function delegateUpdate(
  sdk: EmbeddedSDK,
  update: UpdateArguments,
): Promise<KDocument<KDocumentContentGeneric>> {
  const { _id, body, collection, index, kuid } = update;
  const { volatile, ...options } = update.options;
  // The caller's rights were checked before the first event, as natively.
  const impersonated = sdk.as({ _id: kuid }, { checkRights: false });

  try {
    return await impersonated.document.update(
      index,
      collection,
      _id,
      body,
      // The SDK's type does not know an invalid `refresh` or `retryOnConflict`.
      {
        ...options,
        [CALLERS_VOLATILE]: volatile,
      } as ArgsDocumentControllerUpdate,
    );
  } catch (error) {
    throw isVersionConflict(error, update)
      ? versionConflict(update, error)
      : error;
  }
}
