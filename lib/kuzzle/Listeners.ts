import { Internal } from "./Internal";

/**
 * Names for the check, of events that are never fired: the plugin registers a pipe on the first and a
 * hook on the second, and nothing listens to the third.
 */
const PIPED = "document-update-check:piped";
const HOOKED = "document-update-check:hooked";
const UNHEARD = "document-update-unheard:event";

/**
 * Tells which events an application listens to.
 *
 * Kuzzle keeps pipes in a map of its own, and hooks as listeners of an event emitter.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/kuzzle/event/KuzzleEventEmitter.ts `pipe`
 */
export class Listeners extends Internal {
  readonly name = "its map of pipes and hooks";
  readonly cost = "every event is fired, and every document is read before it";
  /** Listeners that the plugin registers for the check. */
  readonly pipes = {
    [PIPED]: <T>(payload: T): Promise<T> => Promise.resolve(payload),
  };
  readonly hooks = { [HOOKED]: (): void => {} };
  /** Events with a pipe of the plugin's own. */
  readonly #own = new Set<string>();

  /** Ignores one pipe, the plugin's own, on each of these events. */
  leaveOut(events: readonly string[]): void {
    for (const event of events) {
      this.#own.add(event);
    }
  }

  /**
   * Makes a function that tells whether a pipe or a hook listens to any of these events, by name or by a
   * wildcard. True if that cannot be determined.
   */
  hearing(...events: readonly string[]): () => boolean {
    const isHeard = heard(events, this.#own);

    return () => !this.isTrusted || isHeard();
  }

  protected check(): boolean {
    return heard([PIPED])() && heard([HOOKED])() && !heard([UNHEARD])();
  }
}

function heard(
  events: readonly string[],
  own: ReadonlySet<string> = new Set(),
): () => boolean {
  const names = [...new Set(events.flatMap(namesOf))];

  return () => {
    const { pluginPipes } = global.kuzzle as unknown as {
      readonly pluginPipes: ReadonlyMap<string, readonly unknown[]>;
    };
    return names.some(
      (name) =>
        // Kuzzle leaves an empty array when a pipe is removed.
        (pluginPipes.get(name) ?? []).length > Number(own.has(name)) ||
        global.kuzzle.listenerCount(name) > 0,
    );
  };
}

/** Returns the names under which one can listen to an event, wildcards included. */
function namesOf(event: string): readonly string[] {
  const scope = event.slice(0, event.lastIndexOf(":") + 1);
  const prefixes = ["", "before", "after"].filter((prefix) =>
    event.startsWith(scope + prefix),
  );

  return [event, ...prefixes.map((prefix) => `${scope}${prefix}*`)];
}
