import type { KuzzleRequest, Plugin } from "kuzzle";

import { pipeAtOnce, registerLastPipe, trigger } from "../kuzzle/application";
import type { FunnelOrder } from "../kuzzle/FunnelOrder";
import { underName } from "./underName";

interface AfterExecution {
  readonly request: KuzzleRequest;
}

/** Native requests that the plugin's action runs for. */
export interface Interception extends Required<
  Pick<Plugin, "hooks" | "pipes">
> {
  /** Tells whether it runs for a request. */
  readonly takes: (request: KuzzleRequest) => boolean;
}

/** Tells a request of native `document:update` from one of the plugin's own action. */
export function isNativeUpdate({ input }: KuzzleRequest): boolean {
  return input.controller === "document" && input.action === "update";
}

/**
 * Has the plugin's action run in place of native `document:update`, for the requests of clients.
 *
 * Kuzzle looks up the controller of a request between `request:onAuthorized` and
 * `request:onExecution`. For that while, the client's request goes under the name of the plugin's
 * controller. All the rest is native: the right that is checked, the events, and the answer.
 *
 * Begins when the application is ready: by then every pipe on `request:onAuthorized` is there, and
 * has seen the native request before it changes its name.
 *
 * @param controller name of the plugin's controller
 * @param funnelOrder nothing is intercepted where it is not trusted
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/api/funnel.js `execute`, `processRequest`
 */
export function interceptNativeUpdate(
  controller: string,
  funnelOrder: FunnelOrder,
): Interception {
  const originals = new WeakMap<KuzzleRequest, KuzzleRequest>();
  const taken = new WeakSet<KuzzleRequest>();
  const originalOf = (request: KuzzleRequest) =>
    originals.get(request) ?? request;

  const rename = (request: KuzzleRequest) => {
    if (!isNativeUpdate(request)) {
      return request;
    }
    const renamed = underName(controller, request);
    originals.set(renamed, request);
    taken.add(request);
    return renamed;
  };

  return {
    takes: (request) => taken.has(request),
    hooks: {
      "kuzzle:state:ready": () => {
        if (funnelOrder.isTrusted) {
          registerLastPipe("request:onAuthorized", pipeAtOnce(rename));
        }
      },
    },
    pipes: {
      "request:onExecution": pipeAtOnce(originalOf),
      "request:afterExecution": pipeAtOnce((outcome: AfterExecution) => {
        const request = originalOf(outcome.request);
        return request === outcome.request ? outcome : { ...outcome, request };
      }),
      // The request was refused before it got its name back, such as that of an incompatible SDK.
      [`${controller}:errorUpdate`]: (request: KuzzleRequest) =>
        originals.has(request)
          ? trigger("document:errorUpdate", originalOf(request))
          : Promise.resolve(request),
    },
  };
}
