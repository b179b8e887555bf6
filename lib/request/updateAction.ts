import { KuzzleError, type KuzzleRequest } from "kuzzle";

import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import type { Write } from "../write/UpdateArguments";
import { areApiEventsHeard, withApiEvents } from "./apiEvents";
import {
  answerWith,
  isDeprecated,
  toDocumentUpdate,
} from "./documentUpdateRequest";
import { isNativeUpdate } from "./nativeInterception";
import { nativeResult } from "./nativeResult";
import { readUpdateArguments } from "./readUpdateArguments";
import {
  callerOf,
  type RightCheck,
  type User,
  withNativeRight,
} from "./rights";
import { underName } from "./underName";

/**
 * Makes the handler of the `update` action: what native `document:update` does, event for event,
 * on behalf of the caller.
 *
 * @param checkRight of the caller to native `document:update`, where it takes one
 */
export function updateAction(
  write: Write,
  checkRight: RightCheck | undefined,
  statistics: UpdateStatistics,
): (incoming: KuzzleRequest) => Promise<unknown> {
  const store = async (request: KuzzleRequest) => {
    const update = readUpdateArguments(request);
    return nativeResult(await write(update), update);
  };
  const update = (request: KuzzleRequest) => withApiEvents(request, store);

  /** Nobody would see the `document:update` that stands for a request: it takes none. */
  const mayGoUnseen = async (incoming: KuzzleRequest, caller: User) =>
    !areApiEventsHeard() &&
    !isDeprecated(incoming) &&
    (checkRight?.(underName("document", incoming), caller) ?? true);

  const run = async (incoming: KuzzleRequest) => {
    // Intercepted: Kuzzle itself has checked the right, and fires the events around this action.
    if (isNativeUpdate(incoming)) {
      return store(incoming);
    }

    const caller = callerOf(incoming);
    if (await mayGoUnseen(incoming, caller)) {
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
