import type { KuzzleRequest } from "kuzzle";

import { pluginError } from "../errors";
import { isPlainObject } from "../json";
import type { UpdateHandler } from "../kuzzle/Seams";
import { DelegatedRequest, isOfServerCode } from "../kuzzle/application";
import { collectionMatcher } from "../kuzzle/collections";
import { readFlag, readHeader, tellVersion } from "./nativeRequest";
import type { ActionTools } from "./updateAction";

/** Tells whether the plugin handles a native `document:update`. */
export type IsIntercepted = (request: KuzzleRequest) => boolean;

/** What an intercepted update is handled with. */
export interface Interception extends Pick<
  ActionTools,
  "arrivalOrder" | "isQueued" | "rules" | "statistics" | "store"
> {
  /** Name of the plugin's own controller. */
  readonly controller: string;
  readonly isIntercepted: IsIntercepted;
  readonly updateNatively: UpdateHandler;
}

/** Arguments that native `document:update` does not have. */
const OWN_ARGUMENTS = ["dryRun", "ifVersion", "skipUnchanged"];

/** @param where `true`, or patterns of the collections whose updates are intercepted */
export function interceptedBy(
  where: boolean | readonly string[],
): IsIntercepted {
  const isNamed =
    typeof where === "boolean" ? () => where : collectionMatcher(where);

  return (request) =>
    isNamed(request.input.args["index"], request.input.args["collection"]) &&
    !(request instanceof DelegatedRequest);
}

/**
 * Makes the handler of native updates. Kuzzle has checked the right and fired the before events, and
 * fires the after events. A plain update is Kuzzle's own, on the request that it was given; it is
 * batched, and sent again after a conflict.
 *
 * What only the plugin does (conditions, guards, fold) is for requests of clients. Server code is native,
 * and only batched and sent again.
 */
export function interceptNativeUpdate({
  arrivalOrder,
  controller,
  isIntercepted,
  isQueued,
  rules,
  statistics,
  store,
  updateNatively,
}: Interception): UpdateHandler {
  const isPlain = (request: KuzzleRequest): boolean => {
    const { context, input } = request;
    const { collection, index, refresh } = input.args;

    return (
      isOfServerCode(context) ||
      // Only a request that server code has made by itself has no user.
      !context.user ||
      (OWN_ARGUMENTS.every((name) => input.args[name] === undefined) &&
        readHeader(request, "if-match") === undefined &&
        rules.guardsOf(index, collection).length === 0 &&
        !rules.skips(index, collection) &&
        !isQueued({ collection, context, index, options: { refresh } }))
    );
  };

  // The tag is put on the body itself. Other bodies are Kuzzle's to refuse, or those of a pipe.
  const updatePlainly: UpdateHandler = (request, native) => {
    const { body } = request.input;

    return isPlainObject(body) && Object.isExtensible(body)
      ? updateNatively(request, native)
      : native(request);
  };
  const update = async (request: KuzzleRequest) => {
    if (readFlag(request, "dryRun")) {
      // Kuzzle itself fires the after events.
      const props = ['none for "document:update"', "one"];
      const hint = `Send it to "${controller}:update".`;
      throw pluginError("invalid_argument", "dryRun", ...props, hint);
    }
    return store(request);
  };

  return (request, native) =>
    isIntercepted(request)
      ? statistics.count(async () => {
          await arrivalOrder.enter(request);
          const result = await (isPlain(request)
            ? updatePlainly(request, native)
            : update(request));
          tellVersion(request, result);
          return result;
        })
      : native(request);
}
