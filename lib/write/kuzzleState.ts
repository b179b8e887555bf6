// What the API of plugins does not tell, read where Kuzzle keeps it in memory. Asking storage would
// take longer than the write that depends on it.

interface Internals {
  readonly validation: {
    readonly specification: Readonly<
      Record<string, Readonly<Record<string, unknown>> | undefined>
    >;
  };
  readonly pluginPipes: ReadonlyMap<string, readonly unknown[]>;
  listenerCount(event: string): number;
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
 * Counts the pipes and hooks of an event, and of those whose name ends in a wildcard.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/kuzzle/event/KuzzleEventEmitter.ts `pipe`
 */
export function countListeners(event: string): number {
  const kuzzle = internals();
  let count = 0;
  for (const name of [event, event.replace(/[^:]*$/, "*")]) {
    count += kuzzle.pluginPipes.get(name)?.length ?? 0;
    count += kuzzle.listenerCount(name);
  }

  return count;
}

function internals(): Internals {
  return global.kuzzle as unknown as Internals;
}
