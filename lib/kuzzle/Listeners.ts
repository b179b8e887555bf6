import { Internal } from "./Internal";

/** Events that nobody fires: the plugin listens to the first two, and nobody to the last. */
const PIPED = "document-update-check:piped";
const HOOKED = "document-update-check:hooked";
const UNHEARD = "document-update-unheard:event";

/**
 * Knows which events an application listens to.
 *
 * Kuzzle keeps its pipes in a map of its own, and its hooks as listeners of an event emitter.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/kuzzle/event/KuzzleEventEmitter.ts `pipe`
 */
export class Listeners extends Internal {
  readonly name = "its map of pipes and hooks";
  readonly cost = "every event is fired, and every document is read before it";
  /** Listeners of the check's own, for the plugin to register. */
  readonly pipes = {
    [PIPED]: <T>(payload: T): Promise<T> => Promise.resolve(payload),
  };
  readonly hooks = { [HOOKED]: (): void => {} };
  /** Events that a pipe of the plugin's own listens to. */
  readonly #own = new Set<string>();

  /** Leaves out of what is heard one pipe on each of these events, which the plugin registers itself. */
  leaveOut(events: readonly string[]): void {
    for (const event of events) {
      this.#own.add(event);
    }
  }

  /**
   * Makes a function that tells whether anything listens to any of some events: a pipe or a hook, of
   * its name or of a wildcard. Where that cannot be known, something may.
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
        // Of a pipe that is gone, an empty list is left.
        (pluginPipes.get(name) ?? []).length > Number(own.has(name)) ||
        global.kuzzle.listenerCount(name) > 0,
    );
  };
}

/** The names under which one can listen to an event. */
function namesOf(event: string): readonly string[] {
  const scope = event.slice(0, event.lastIndexOf(":") + 1);
  const prefixes = ["", "before", "after"].filter((prefix) =>
    event.startsWith(scope + prefix),
  );

  return [event, ...prefixes.map((prefix) => `${scope}${prefix}*`)];
}
