import { KuzzleError, type KuzzleRequest } from "kuzzle";

import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import type { Write } from "../write/UpdateArguments";
import { withApiEvents } from "./apiEvents";
import {
  answerWith,
  isDeprecated,
  toDocumentUpdate,
} from "./documentUpdateRequest";
import { isNativeUpdate } from "./nativeInterception";
import { nativeResult } from "./nativeResult";
import { readUpdateArguments } from "./readUpdateArguments";
import { callerOf, type RightCheck, withNativeRight } from "./rights";
import { underName } from "./underName";

/**
 * Makes the handler of the `update` action: what native `document:update` does, event for event,
 * on behalf of the caller.
 *
 * @param checkRight of the caller to native `document:update`, where it takes one
 * @param areApiEventsHeard whether anything listens to the API events of `document:update`
 */
export function updateAction(
  write: Write,
  checkRight: RightCheck | undefined,
  areApiEventsHeard: () => boolean,
  statistics: UpdateStatistics,
): (incoming: KuzzleRequest) => Promise<unknown> {
  const store = (request: KuzzleRequest): Promise<unknown> => {
    const update = readUpdateArguments(request);
    return nativeResult(write(update), update);
  };
  const update = (request: KuzzleRequest) => withApiEvents(request, store);

  const run = async (incoming: KuzzleRequest) => {
    // Intercepted: Kuzzle itself has checked the right, and fires the events around this action.
    if (isNativeUpdate(incoming)) {
      return store(incoming);
    }

    const caller = callerOf(incoming);
    // No event would tell of a `document:update`, so none is made to stand for the request.
    if (
      !areApiEventsHeard() &&
      !isDeprecated(incoming) &&
      (!checkRight ||
        (await checkRight(underName("document", incoming), caller)))
    ) {
      return store(incoming);
    }

    const request = toDocumentUpdate(incoming);
    const outcome = checkRight
      ? await withNativeRight(request, caller, checkRight, update)
      : await update(request);

    return answerWith(outcome, incoming);
  };

  return async (incoming) => {
    statistics.updates++;
    try {
      return await run(incoming);
    } catch (error) {
      statistics.failed(error instanceof KuzzleError ? error.id : "unknown");
      throw error;
    }
  };
}
