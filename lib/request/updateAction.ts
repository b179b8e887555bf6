import type { EmbeddedSDK, KuzzleRequest } from "kuzzle";

import { delegateUpdate } from "../write/delegateUpdate";
import { withApiEvents } from "./apiEvents";
import { answerWith, toDocumentUpdate } from "./documentUpdateRequest";
import { assertNativeRight, callerOf } from "./rights";
import { readUpdateArguments } from "./updateArguments";

/**
 * Makes the handler of the `update` action: what native `document:update` does, event for event,
 * on behalf of the caller.
 */
export function updateAction(
  sdk: EmbeddedSDK,
  { checkRights }: { readonly checkRights: boolean },
): (request: KuzzleRequest) => Promise<unknown> {
  return async (request) => {
    const caller = callerOf(request);
    const incoming = toDocumentUpdate(request);

    if (checkRights) {
      await assertNativeRight(incoming, caller);
    }

    const outcome = await withApiEvents(incoming, (ready) =>
      delegateUpdate(sdk, readUpdateArguments(ready)),
    );

    return answerWith(outcome, request);
  };
}
