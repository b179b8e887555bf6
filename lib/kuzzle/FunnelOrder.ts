import { Internal } from "./Internal";

/** The order on which interception relies: for each method of Kuzzle's funnel, its calls and events. */
const ORDER: Readonly<Record<string, readonly string[]>> = {
  checkRights: ["request:onAuthorized"],
  execute: ["checkRights(", "processRequest(", "request:afterExecution"],
  processRequest: ["getController(", "request:onExecution", "doAction("],
};

/**
 * Checks that Kuzzle looks up the controller of a request between `request:onAuthorized` and
 * `request:onExecution`. There is no event for it, so the source text of the methods is searched.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/api/funnel.js
 */
export class FunnelOrder extends Internal {
  readonly name = "the order of the events of its funnel";
  readonly cost =
    "NATIVE UPDATES ARE NOT INTERCEPTED: Kuzzle handles them as without the plugin";

  protected check(): boolean {
    const { funnel } = global.kuzzle as unknown as {
      readonly funnel: Readonly<Record<string, unknown>>;
    };

    for (const [method, steps] of Object.entries(ORDER)) {
      if (!isInOrder(String(funnel[method]), steps)) {
        throw new Error(`"${method}" is another function`);
      }
    }

    return true;
  }
}

function isInOrder(text: string, steps: readonly string[]): boolean {
  const places = steps.map((step) => text.indexOf(step));

  return places.every(
    (place, step) => place >= 0 && place > (places[step - 1] ?? -1),
  );
}
