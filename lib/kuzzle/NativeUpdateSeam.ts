import type { KuzzleRequest } from "kuzzle";

import { Internal } from "./Internal";
import { sendCheck } from "./sendCheck";

/** The method `update` of Kuzzle's document controller. */
export type NativeUpdate = (request: KuzzleRequest) => Promise<unknown>;

/** Handles a native update in place of the method, which it is given to call. */
export type UpdateHandler = (
  request: KuzzleRequest,
  native: NativeUpdate,
) => Promise<unknown>;

/**
 * Lets the plugin handle every native `document:update`, by replacing the method `update` of Kuzzle's
 * document controller.
 *
 * Kuzzle calls it for clients of every protocol and for server code, after it has checked the rights and
 * fired the before events, and before the after events. The method is an own property, which hides the
 * one of the class, or one that another plugin has put there: that one is called in its place.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/api/funnel.js `doAction`
 */
export class NativeUpdateSeam extends Internal {
  readonly name = "its document controller";
  readonly cost = "native updates are not intercepted";
  #isSeen = false;

  /** Replaces the method. */
  install(handle: UpdateHandler): void {
    const controller = documentController();
    const { update } = controller;
    const native: NativeUpdate = (request) => update.call(controller, request);
    controller.update = (request) => {
      this.#isSeen = true;
      return handle(request, native);
    };
  }

  /** Sends an update to check that the method is called. The update ends before the document is read. */
  protected async check(): Promise<boolean> {
    this.#isSeen = false;
    await sendCheck();

    return this.#isSeen;
  }
}

/** Returns the one instance of Kuzzle's document controller. */
function documentController(): { update: NativeUpdate } {
  const { funnel } = global.kuzzle as unknown as {
    readonly funnel: {
      readonly controllers: ReadonlyMap<string, { update: NativeUpdate }>;
    };
  };

  return funnel.controllers.get("document")!;
}
