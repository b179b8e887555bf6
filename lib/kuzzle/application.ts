// The only use of the global application: a plugin's context fires events of the plugin alone, and
// registers pipes before those of the application.
import type { PipeEventHandler, PluginContext } from "kuzzle";

/** Fires an event of Kuzzle's and returns what its pipes made of the payload. */
export function trigger<TPayload>(
  event: string,
  payload: TPayload,
  ...rest: unknown[]
): Promise<TPayload> {
  return global.app.trigger(event, payload, ...rest);
}

/** Has an event go through a pipe after all those that are there; the application must be ready. */
export function registerLastPipe(event: string, pipe: PipeEventHandler): void {
  global.app.pipe.register(event, pipe, { dynamic: true });
}

/**
 * Makes a pipe of a function that knows its result at once.
 *
 * Kuzzle is given that by its callback, which its types leave out: a promise for every request of
 * every client is dear.
 *
 * @see https://docs.kuzzle.io/core/2/guides/develop-on-kuzzle/2-event-system/
 */
export function pipeAtOnce<TPayload>(
  change: (payload: TPayload) => TPayload,
): PipeEventHandler {
  const pipe = (
    payload: TPayload,
    done: (error: null, result: TPayload) => void,
  ) => done(null, change(payload));

  return pipe as unknown as PipeEventHandler;
}

/**
 * Makes a pipe of a check, which throws or rejects where it fails. Where it passes at once, Kuzzle is
 * told by its callback.
 */
export function checkingPipe<TPayload>(
  check: (payload: TPayload) => Promise<void> | undefined,
): PipeEventHandler {
  const pipe = (
    payload: TPayload,
    done: (error: null, result: TPayload) => void,
  ) => {
    const checked = check(payload);

    return checked ? checked.then(() => payload) : done(null, payload);
  };

  return pipe as unknown as PipeEventHandler;
}

/** Identifier of this node. On Kuzzle 2.47 and 2.48 the accessor that plugins are given has none. */
export function nodeIdOf({ accessors }: PluginContext): string {
  const { nodeId } = globalThis as unknown as { readonly nodeId: string };

  return accessors.nodeId || nodeId;
}

/** How many documents Kuzzle lets one request write. */
export function writeLimitOf({ config }: PluginContext): number {
  const { documentsWriteCount } = config["limits"] as {
    readonly documentsWriteCount: number;
  };

  return documentsWriteCount;
}
