import type {
  ArgsDocumentControllerUpdate,
  EmbeddedSDK,
  JSONObject,
} from "kuzzle";

import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import { volatileOfGroup } from "./groupNotification";
import { impersonate } from "./impersonate";
import { isMetadataEventHeard } from "./kuzzleState";
import type {
  UpdateArguments,
  UpdatedDocument,
  UpdateOptions,
  Write,
} from "./UpdateArguments";

/**
 * Stores updates of one collection, of one user and with the same options.
 *
 * @returns the documents, whole, that were stored; the others were not
 */
export type WriteMany = (
  updates: readonly UpdateArguments[],
) => Promise<readonly UpdatedDocument[]>;

/** The functions that store updates through the embedded SDK. They throw its errors, untouched. */
export interface Delegate {
  readonly update: Write;
  readonly mUpdate: WriteMany;
}

/**
 * Makes the functions that store updates, on behalf of the caller.
 *
 * @param retryOnConflict where the client gave none; 0 leaves it to Kuzzle
 */
export function delegateTo(
  sdk: EmbeddedSDK,
  retryOnConflict: number,
  statistics: UpdateStatistics,
): Delegate {
  const as = impersonate(sdk);
  const optionsOf = (options: UpdateOptions) =>
    ({
      ...options,
      retryOnConflict:
        options.retryOnConflict ?? (retryOnConflict || undefined),
      // The SDK's type does not know an invalid `refresh` or `retryOnConflict`.
    }) as unknown as ArgsDocumentControllerUpdate;
  const timed = <T>(written: Promise<T>): Promise<T> => {
    const start = performance.now();
    const record = () => {
      statistics.delegate.record((performance.now() - start) / 1000);
    };
    written.then(record, record);

    return written;
  };

  return {
    mUpdate: async (updates) => {
      const [first] = updates;
      if (first === undefined) {
        return [];
      }
      const { collection, index, kuid, options } = first;
      const documents = updates.map(({ _id, body }) => ({
        _id,
        body: withoutMetadata(body),
      }));
      const { successes } = await timed(
        as(kuid).mUpdate(index, collection, documents, {
          ...optionsOf(options),
          volatile: volatileOfGroup(options.volatile),
        }),
      );

      // It has more to say of each than an update has.
      return successes.map(({ _id, _source, _version }) => ({
        _id,
        _source,
        _version,
      }));
    },
    update: async ({ _id, body, collection, index, kuid, options }) => {
      // A pipe may change it, and the same update may be tried again.
      const changes = isMetadataEventHeard() ? throughJson(body) : body;
      const { update } = as(kuid);

      return timed(update(index, collection, _id, changes, optionsOf(options)));
    },
  };
}

/** As storage would get it. */
function throughJson(body: JSONObject): JSONObject {
  return JSON.parse(JSON.stringify(body)) as JSONObject;
}

/** A bulk write would let a client set, before Kuzzle 2.49, what an update does not. */
function withoutMetadata(body: JSONObject): JSONObject {
  const changes = { ...body };
  delete changes["_kuzzle_info"];

  return changes;
}
