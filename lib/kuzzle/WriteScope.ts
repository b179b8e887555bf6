import { setImmediate } from "node:timers/promises";

import { Internal } from "./Internal";

/** Entry of Kuzzle's asynchronous store that holds the writes in the course of which something runs. */
const WRITES = "document-update:writes";
/** Kuzzle's own, which its logger reads. */
const REQUEST = "REQUEST";

interface ScopedWrite {
  readonly scope: WriteScope;
  ended: boolean;
}

/**
 * Knows the updates that are made by a pipe or a hook in the course of a write. Were they to wait
 * for their turn, they would wait for the write that waits for them.
 *
 * It does so in the store by which Kuzzle follows each request: with one more `AsyncLocalStorage`,
 * every promise of the application would cost more, native updates included.
 */
export class WriteScope extends Internal {
  readonly name = "its asynchronous store";
  readonly cost = "updates are not folded";

  /** Tells whether the current call was made in the course of a write of this scope. */
  get isInside(): boolean {
    return writesUnderWay().some(({ scope }) => scope === this);
  }

  /** The request that Kuzzle follows, for {@link run}. */
  get request(): unknown {
    return stored(REQUEST);
  }

  /**
   * Runs a write: `isInside` is true for all that it calls, until it ends.
   *
   * @param request that the write is of: Kuzzle names it in what is logged meanwhile
   */
  run<T>(write: () => Promise<T>, request: unknown): Promise<T> {
    const { asyncStore } = global.kuzzle;
    const current = { ended: false, scope: this };
    const writes = [...writesUnderWay(), current];

    return new Promise((resolve) => {
      asyncStore.run(() => {
        asyncStore.set(WRITES, writes);
        if (request !== undefined) {
          asyncStore.set(REQUEST, request);
        }
        const end = () => {
          // What it left behind, such as an interval, waits for its turn like all others.
          current.ended = true;
        };
        resolve(write().finally(end));
      });
    });
  }

  protected async check(): Promise<boolean> {
    const isInside = await this.run(async () => {
      await setImmediate();
      return this.isInside;
    }, undefined);

    return isInside && !this.isInside;
  }
}

function writesUnderWay(): readonly ScopedWrite[] {
  const writes = (stored(WRITES) ?? []) as readonly ScopedWrite[];

  return writes.filter(({ ended }) => !ended);
}

function stored(key: string): unknown {
  const { asyncStore } = global.kuzzle;

  return asyncStore.exists() ? asyncStore.get(key) : undefined;
}
