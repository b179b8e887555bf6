import type { ArgsDocumentControllerUpdate, JSONObject } from "kuzzle";

import { pluginError } from "../errors";
import { isPlainObject } from "../isPlainObject";
import type { Impersonation } from "../kuzzle/Impersonation";
import { tagged, untag } from "../kuzzle/WriteTag";
import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import {
  type Conditional,
  ConditionalWrite,
} from "../storage/ConditionalWrite";
import { PluginWrite, type WriteWay } from "../storage/PluginWrite";
import { throughJson } from "../throughJson";
import type {
  UpdateArguments,
  UpdatedDocument,
  UpdateOptions,
  Write,
} from "./UpdateArguments";

/** Stores updates by one call of the embedded SDK each. The SDK's errors are passed on unchanged. */
export interface Delegate {
  readonly write: Write;
  /**
   * Stores an update on the condition that the document has not changed since it was read.
   *
   * @throws plugin.document-update.conditional_writes_unavailable,
   * plugin.document-update.condition_lost, plugin.document-update.outcome_unknown
   */
  readonly writeIf: (
    update: UpdateArguments,
    conditional: Conditional,
  ) => Promise<UpdatedDocument>;
  /**
   * Has Kuzzle process an update up to the point where it would be stored.
   *
   * @returns the changes that would be stored, with their metadata
   * @throws plugin.document-update.conditional_writes_unavailable, plugin.document-update.condition_lost
   */
  readonly dryRun: (
    update: UpdateArguments,
    conditional: Conditional,
  ) => Promise<JSONObject>;
}

/**
 * Makes the functions that store an update by the embedded SDK's `document.update`, on behalf of the
 * caller.
 *
 * @param retryOnConflict used if the client gave none; 0 leaves it to Kuzzle's own default
 */
export function delegateTo(
  impersonation: Impersonation,
  way: WriteWay,
  retryOnConflict: number,
  statistics: UpdateStatistics,
): Delegate {
  const optionsOf = (options: UpdateOptions) =>
    ({
      ...options,
      retryOnConflict:
        options.retryOnConflict ?? (retryOnConflict || undefined),
      // The SDK's type does not allow an invalid `refresh` or `retryOnConflict`, which Kuzzle has to
      // refuse.
    }) as unknown as ArgsDocumentControllerUpdate;

  const run = async (
    { _id, body, collection, index, kuid, options }: UpdateArguments,
    write: PluginWrite,
  ) => {
    // A copy, because a pipe may change it, and the same update may be retried.
    const changes = way.isMetadataEventHeard() ? throughJson(body) : body;
    const update = impersonation.updateAs(kuid);
    const start = performance.now();
    try {
      const document = await update(
        index,
        collection,
        _id,
        // An array is passed on as it is: Kuzzle refuses it.
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

  const conditionalWrite = (
    kuid: string,
    conditional: Conditional,
    isDryRun: boolean,
  ) => {
    if (!way.canBeConditional()) {
      throw pluginError("conditional_writes_unavailable");
    }
    return new ConditionalWrite(kuid, way, conditional, isDryRun);
  };

  return {
    dryRun: async (update, conditional) => {
      const write = conditionalWrite(update.kuid, conditional, true);
      try {
        await run(update, write);
      } catch (error) {
        if (write.dryRun === undefined) {
          throw error;
        }
        untag(write.dryRun);
        return write.dryRun;
      }
      throw lost(way, update);
    },
    write: (update) => run(update, new PluginWrite(update.kuid, way)),
    writeIf: async (update, conditional) => {
      const write = conditionalWrite(update.kuid, conditional, false);
      const answer = await run(update, write);
      if (!write.isStored) {
        throw lost(way, update);
      }

      return answer;
    },
  };
}

/** Makes the error for an update that Kuzzle stored without passing on its tag, and so without its condition. */
function lost(
  way: WriteWay,
  { _id, collection, index }: UpdateArguments,
): Error {
  way.onLost();

  return pluginError("condition_lost", index, collection, _id);
}
