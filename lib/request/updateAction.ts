import type { EmbeddedSDK, KuzzleRequest } from "kuzzle";

import { delegateUpdate } from "../write/delegateUpdate";
import { withApiEvents } from "./apiEvents";
import { answerWith, toDocumentUpdate } from "./documentUpdateRequest";
import { isNativeUpdate } from "./nativeInterception";
import { nativeResult } from "./nativeResult";
import { readUpdateArguments } from "./readUpdateArguments";
import { callerOf, withNativeRight } from "./rights";

/**
 * Makes the handler of the `update` action: what native `document:update` does, event for event,
 * on behalf of the caller.
 */
export function updateAction(
  sdk: EmbeddedSDK,
  { checkRights }: { readonly checkRights: boolean },
): (incoming: KuzzleRequest) => Promise<unknown> {
  const delegate = async (request: KuzzleRequest) => {
    const update = readUpdateArguments(request);
    return nativeResult(await delegateUpdate(sdk, update), update.body);
  };
  const update = (request: KuzzleRequest) => withApiEvents(request, delegate);

  return async (incoming) => {
    // Intercepted: Kuzzle itself has checked the right, and fires the events around this action.
    if (isNativeUpdate(incoming)) {
      return delegate(incoming);
    }

    const caller = callerOf(incoming);
    const request = toDocumentUpdate(incoming);
    const outcome = checkRights
      ? await withNativeRight(request, caller, update)
      : await update(request);

    return answerWith(outcome, incoming);
  };
}
