import type { JSONObject, KDocument, KDocumentContentGeneric } from "kuzzle";

type Document = KDocument<KDocumentContentGeneric>;

/**
 * Returns what the embedded SDK answered as native `document:update` gives it to the after events.
 *
 * Before Kuzzle 2.49, without `source`, the result's `_source` is the very body of the request, and
 * has no `_kuzzle_info`: what a pipe adds to the one is in the other. The SDK answers with a copy.
 */
export function nativeResult(document: Document, body: JSONObject): Document {
  return "_kuzzle_info" in document._source
    ? document
    : { ...document, _source: body };
}
