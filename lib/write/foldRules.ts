import type { Specifications } from "../kuzzle/Specifications";
import type { CollectionMappings } from "./CollectionMappings";
import { collectionMatcher } from "./collectionPattern";
import type { IsSurelyValid } from "./foldChanges";
import { isStorable } from "./storableValues";
import type { UpdateArguments } from "./UpdateArguments";

/** What decides on the updates that are stored as one: each must be valid by itself, or fail by itself. */
export interface FoldRules {
  /** Tells whether an update waits for its turn, to be stored with others. */
  readonly isQueued: (update: UpdateArguments) => boolean;
  /** Tells whether an update whose turn has come may be stored with others. */
  readonly isFoldable: (update: UpdateArguments) => boolean;
  /** Tells whether storage would take what others replace, and what it does not get to see. */
  readonly isSurelyValid: (update: UpdateArguments) => IsSurelyValid;
}

/**
 * Makes the rules of a configuration.
 *
 * Documents that are validated by specifications are not folded, nor any where an application changes
 * the metadata of each update: both judge a single update. With `refresh: "wait_for"`, the updates
 * behind it would wait for the refresh, too. One that a pipe makes in the course of a write would wait
 * for that write.
 *
 * @param patterns of the collections that are folded
 */
export function foldRules(
  patterns: readonly string[],
  specifications: Specifications,
  isMetadataEventHeard: () => boolean,
  mappings: CollectionMappings,
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
