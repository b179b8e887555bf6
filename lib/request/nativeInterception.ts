import type { KuzzleRequest, Plugin } from "kuzzle";

import { pipeAtOnce, registerLastPipe, trigger } from "../kuzzle/application";
import type { FunnelOrder } from "../kuzzle/FunnelOrder";
import { collectionMatcher } from "../write/collectionPattern";
import { underName } from "./underName";

interface AfterExecution {
  readonly request: KuzzleRequest;
}

/** Pipes and hooks that have native requests handled by the plugin's action. */
export interface Interception extends Required<
  Pick<Plugin, "hooks" | "pipes">
> {
  /** Tells whether a request is handled by the plugin. */
  readonly takes: (request: KuzzleRequest) => boolean;
}

/** Tells whether a request is a native `document:update`, rather than one of the plugin's own action. */
export function isNativeUpdate({ input }: KuzzleRequest): boolean {
  return input.controller === "document" && input.action === "update";
}

/**
 * Runs the plugin's action in place of native `document:update`, for the requests of clients.
 *
 * Kuzzle looks up the controller of a request between `request:onAuthorized` and `request:onExecution`.
 * During that time the client's request carries the name of the plugin's controller. Everything else is
 * native: the right that is checked, the events and the answer.
 *
 * The pipe is registered when the application is ready: then it comes after all other pipes on
 * `request:onAuthorized`, which see the request under its native name.
 *
 * @param controller name of the plugin's controller
 * @param funnelOrder if its check has failed, nothing is intercepted
 * @param where `true`, or patterns of the collections whose updates are intercepted
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/api/funnel.js `execute`, `processRequest`
 */
export function interceptNativeUpdate(
  controller: string,
  funnelOrder: FunnelOrder,
  where: true | readonly string[],
): Interception {
  const intercepts = where === true ? () => true : collectionMatcher(where);
  const originals = new WeakMap<KuzzleRequest, KuzzleRequest>();
  const taken = new WeakSet<KuzzleRequest>();
  const originalOf = (request: KuzzleRequest) =>
    originals.get(request) ?? request;

  const rename = (request: KuzzleRequest) => {
    const { collection, index } = request.input.args;
    if (!isNativeUpdate(request) || !intercepts(index, collection)) {
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
      // Kuzzle has refused the request before its native name was restored, for instance because of an
      // incompatible SDK version.
      [`${controller}:errorUpdate`]: (request: KuzzleRequest) =>
        originals.has(request)
          ? trigger("document:errorUpdate", originalOf(request))
          : Promise.resolve(request),
    },
  };
}
