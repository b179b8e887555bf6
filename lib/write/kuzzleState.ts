// What the API of plugins does not tell, read where Kuzzle keeps it in memory. Asking storage would
// take longer than the write that depends on it.

interface Internals {
  readonly validation: {
    readonly specification: Readonly<
      Record<string, Readonly<Record<string, unknown>> | undefined>
    >;
  };
  readonly pluginPipes: ReadonlyMap<string, readonly unknown[]>;
}

/** Returns how many documents a bulk write may have: as many as a client may write at once. */
export function maxBulkSize(): number {
  const { documentsWriteCount = 0 } = global.kuzzle.config.limits ?? {};

  return documentsWriteCount === 0 ? Infinity : documentsWriteCount;
}

/**
 * Tells whether documents of a collection are validated when they are updated.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/core/validation/validation.js `validate`
 */
export function hasSpecifications(index: string, collection: string): boolean {
  const { validation } = internals();

  return validation.specification[index]?.[collection] !== undefined;
}

/**
 * Makes a function that tells whether anything listens to any of some events: a pipe or a hook, of
 * its name or of a wildcard.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/kuzzle/event/KuzzleEventEmitter.ts `pipe`
 */
export function hearing(...events: readonly string[]): () => boolean {
  const names = [...new Set(events.flatMap(namesOf))];

  return () => {
    const { pluginPipes } = internals();
    return names.some(
      (name) =>
        // Of a pipe that is gone, an empty list is left.
        (pluginPipes.get(name) ?? []).length > 0 ||
        global.kuzzle.listenerCount(name) > 0,
    );
  };
}

/** Tells whether anything listens to the event that an update by itself fires as it is written. */
export const isMetadataEventHeard = hearing("generic:document:injectMetadata");

/** The names under which one can listen to an event. */
function namesOf(event: string): readonly string[] {
  const scope = event.slice(0, event.lastIndexOf(":") + 1);
  const prefixes = ["", "before", "after"].filter((prefix) =>
    event.startsWith(scope + prefix),
  );

  return [event, ...prefixes.map((prefix) => `${scope}${prefix}*`)];
}

function internals(): Internals {
  return global.kuzzle as unknown as Internals;
}
