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
export class WriteScope {
  /** Runs a write: `isInside` is true for all that it calls, until it ends. */
  run<T>(write: () => Promise<T>): Promise<T> {
    const { asyncStore } = global.kuzzle;
    const request = stored(REQUEST);
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

  get isInside(): boolean {
    return writesUnderWay().some(({ scope }) => scope === this);
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
