import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Knows the updates that are made by a pipe or a hook in the course of a write. Were they to wait
 * for their turn, they would wait for the write that waits for them.
 */
export class WriteScope {
  readonly #storage = new AsyncLocalStorage<{ ended: boolean }>();

  /** Runs a write: `isInside` is true for all that it calls, until it ends. */
  async run<T>(write: () => Promise<T>): Promise<T> {
    const scope = { ended: false };
    try {
      return await this.#storage.run(scope, write);
    } finally {
      // What it left behind, such as an interval, waits for its turn like all others.
      scope.ended = true;
    }
  }

  get isInside(): boolean {
    return this.#storage.getStore()?.ended === false;
  }
}
