import type { Specifications } from "../kuzzle/Specifications";
import type { CollectionMappings } from "./CollectionMappings";
import { collectionMatcher } from "./collectionPattern";
import type { IsSurelyValid } from "./foldChanges";
import { isStorable } from "./storableValues";
import type { UpdateArguments } from "./UpdateArguments";

/** Decides which updates may be stored as one. Each must succeed or fail as it would on its own. */
export interface FoldRules {
  /** Tells whether an update is queued, to be stored together with others. */
  readonly isQueued: (update: UpdateArguments) => boolean;
  /** Tells whether a queued update may be stored together with others. */
  readonly isFoldable: (update: UpdateArguments) => boolean;
  /** Makes a function that tells whether storage certainly accepts a value that a later update replaces. */
  readonly isSurelyValid: (update: UpdateArguments) => IsSurelyValid;
}

/**
 * Makes the rules from the configuration.
 *
 * Not folded are documents that are validated by specifications, and those whose metadata the
 * application changes (`generic:document:injectMetadata`): both apply to single updates. Updates with
 * `refresh: "wait_for"` are not queued, because the updates behind them would wait for the refresh as
 * well; nor are updates by server code, because a pipe may make one during a write, and would wait for
 * that write.
 *
 * @param patterns of the collections that are folded
 * @param isServerCodeKnown tells whether requests of server code can be told from those of clients
 */
export function foldRules(
  patterns: readonly string[],
  specifications: Specifications,
  isMetadataEventHeard: () => boolean,
  mappings: CollectionMappings,
  isServerCodeKnown: () => boolean,
): FoldRules {
  const isNamed = collectionMatcher(patterns);

  return {
    isFoldable: ({ options: { refresh = "false", retryOnConflict = 0 } }) =>
      refresh === "false" &&
      Number.isInteger(retryOnConflict) &&
      Number(retryOnConflict) >= 0,
    isQueued: ({ collection, index, isOfServerCode, options }) =>
      isNamed(index, collection) &&
      !isOfServerCode &&
      isServerCodeKnown() &&
      options.refresh !== "wait_for" &&
      !specifications.have(index, collection) &&
      !isMetadataEventHeard(),
    isSurelyValid: ({ collection, index }) => {
      const mapping = mappings.of(index, collection);
      return (path, value) =>
        mapping !== undefined && isStorable(mapping, path, value);
    },
  };
}
