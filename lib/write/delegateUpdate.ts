import type { ArgsDocumentControllerUpdate, JSONObject } from "kuzzle";

import { isPlainObject } from "../isPlainObject";
import type { Impersonation } from "../kuzzle/Impersonation";
import { tagged, untag } from "../kuzzle/WriteTag";
import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import { PluginWrite, type WriteWay } from "../storage/PluginWrite";
import type { UpdateOptions, Write } from "./UpdateArguments";

/**
 * Makes the function that stores an update: the embedded SDK's `document.update`, on behalf of the
 * caller. It throws the SDK's errors, untouched.
 *
 * @param retryOnConflict where the client gave none; 0 leaves it to Kuzzle
 */
export function delegateTo(
  impersonation: Impersonation,
  way: WriteWay,
  retryOnConflict: number,
  statistics: UpdateStatistics,
): Write {
  const optionsOf = (options: UpdateOptions) =>
    ({
      ...options,
      retryOnConflict:
        options.retryOnConflict ?? (retryOnConflict || undefined),
      // The SDK's type does not know an invalid `refresh` or `retryOnConflict`.
    }) as unknown as ArgsDocumentControllerUpdate;

  return async ({ _id, body, collection, index, kuid, options }) => {
    const changes = way.isMetadataEventHeard() ? throughJson(body) : body;
    const update = impersonation.updateAs(kuid);
    const write = new PluginWrite(kuid, way);
    const start = performance.now();
    try {
      const document = await update(
        index,
        collection,
        _id,
        // A list is no changes: Kuzzle itself refuses it.
        isPlainObject(changes) ? tagged(changes, write) : changes,
        optionsOf(options),
      );
      untag(document._source);
      if (write.isLost) {
        way.onLost();
      }

      return document;
    } finally {
      statistics.delegate.record((performance.now() - start) / 1000);
    }
  };
}

/** As storage would get it: a pipe may change it, and the same update may be tried again. */
function throughJson(body: JSONObject): JSONObject {
  return JSON.parse(JSON.stringify(body)) as JSONObject;
}
