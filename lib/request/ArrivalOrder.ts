import type { KuzzleRequest } from "kuzzle";

import { areNames, documentKey } from "../kuzzle/collections";

/** How long, in ms, a request is waited for that Kuzzle, or a pipe, holds up on its way. */
const MAX_WAIT = 1_000;

/** A request on its way through Kuzzle. */
interface Coming {
  /** Resolves when those that arrived before it are not on their way any more. */
  readonly before: Promise<unknown> | undefined;
  /** To be called when it is not on its way any more. */
  readonly leave: () => void;
}

/**
 * Keeps the requests by which one connection writes a document in the order in which they arrived.
 *
 * A client need not wait for an answer before it sends the next request, so several are on their way
 * through Kuzzle at once. How many steps that takes depends on the action (a native update has the
 * events of documents, a `modify` a second right), so one could overtake another. Here the later one
 * waits until the earlier one has entered the queue of the document, or has failed before.
 */
export class ArrivalOrder {
  readonly #coming = new WeakMap<KuzzleRequest, Coming>();
  /** For each connection and document, resolves when nothing is on its way. */
  readonly #last = new Map<string, Promise<unknown>>();

  /** To be called while the steps of all actions are still the same. */
  note(request: KuzzleRequest): void {
    const { context, input } = request;
    const { _id, collection, index } = input.args;
    if (!areNames(_id, collection, index)) {
      // It is refused later.
      return;
    }
    const target = documentKey({ _id, collection, index });
    const key = `${context.connection.id} ${target}`;
    const before = this.#last.get(key);
    let leave = () => {};
    const left = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, MAX_WAIT);
      leave = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    const all = Promise.all([before, left]).then(() => {
      if (this.#last.get(key) === all) {
        this.#last.delete(key);
      }
    });
    this.#last.set(key, all);
    this.#coming.set(request, { before, leave });
  }

  /**
   * Waits for the earlier requests of the same connection and document. What the caller does at once
   * after that comes before anything of later ones.
   */
  async enter(request: KuzzleRequest): Promise<void> {
    const coming = this.#coming.get(request);
    await coming?.before;
    coming?.leave();
  }

  /** To be called when a request may be overtaken: it has ended, or waits for something else than its turn. */
  leave(request: KuzzleRequest): void {
    this.#coming.get(request)?.leave();
  }
}
