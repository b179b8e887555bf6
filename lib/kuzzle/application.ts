// The only use of the global application. A plugin's own context cannot replace it: it only fires events
// named after the plugin, and registers pipes before those of the application.
import type { PipeEventHandler, PluginContext } from "kuzzle";

/** Fires a Kuzzle event, and returns the payload as the pipes left it. */
export function trigger<TPayload>(
  event: string,
  payload: TPayload,
  ...rest: unknown[]
): Promise<TPayload> {
  return global.app.trigger(event, payload, ...rest);
}

/**
 * Makes a pipe from a check, which throws or rejects to refuse the payload. If it passes synchronously,
 * the pipe passes the payload on by a callback, which Kuzzle supports but its types leave out: creating
 * a promise at every request of every client would be expensive.
 *
 * @see https://docs.kuzzle.io/core/2/guides/develop-on-kuzzle/2-event-system/
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

/** Returns the identifier of this node. In Kuzzle 2.47 and 2.48 the plugin's accessors lack it. */
export function nodeIdOf({ accessors }: PluginContext): string {
  const { nodeId } = globalThis as unknown as { readonly nodeId: string };

  return accessors.nodeId || nodeId;
}

/** Returns Kuzzle's limit of documents in one write request. */
export function writeLimitOf({ config }: PluginContext): number {
  const { documentsWriteCount } = config["limits"] as {
    readonly documentsWriteCount: number;
  };

  return documentsWriteCount;
}

/** Returns the names of the plugins that the application uses and that have this property. */
export function pluginsWith(property: symbol): string[] {
  const { plugin } = global.app;

  return plugin.list().filter((name) => property in plugin.get(name));
}
