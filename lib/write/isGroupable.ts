import { hasSpecifications, isMetadataEventHeard } from "./kuzzleState";
import type { UpdateArguments } from "./UpdateArguments";

/**
 * Tells whether a bulk write would do to the document what an update by itself does.
 *
 * It does not validate, fires no `generic:document:injectMetadata`, and reads `retryOnConflict` in
 * a stricter way. With `refresh` it would have those that come after it wait for the refresh, too.
 */
export function isGroupable(update: UpdateArguments): boolean {
  const { collection, index, options } = update;
  const { refresh = "false", retryOnConflict = 0 } = options;

  return (
    refresh === "false" &&
    Number.isInteger(retryOnConflict) &&
    Number(retryOnConflict) >= 0 &&
    !hasSpecifications(index, collection) &&
    !isMetadataEventHeard()
  );
}
