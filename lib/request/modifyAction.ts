import { inspect } from "node:util";

import type { JSONObject, KuzzleRequest } from "kuzzle";

import type { ChangedDocument } from "../change/Change";
import type { ChangeWriter } from "../change/ChangeWriter";
import { checkCondition, type Conditions } from "../change/conditions";
import { equalityKey } from "../change/equalityKey";
import { type Place, valueAt } from "../change/paths";
import { checkPrecondition } from "../change/preconditions";
import type { RequestKeys } from "../change/RequestKeys";
import { copyOf } from "../copyOf";
import { pluginError } from "../errors";
import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import type { Target, UpdateArguments } from "../write/UpdateArguments";
import { type FireBefore, withApiEvents } from "./apiEvents";
import { counted, type Handler } from "./counted";
import { guarding } from "./guarding";
import { type KeyedRun, onceByKey } from "./onceByKey";
import { answerWith, toDocumentUpdate } from "./documentUpdateRequest";
import { readChangeOptions } from "./readChangeOptions";
import { readFlag } from "./readFlag";
import { readModification } from "./readModification";
import { readUpdateArguments } from "./readUpdateArguments";
import { callerOf, type RightCheck, withNativeRight } from "./rights";
import type { CollectionRules } from "./updateAction";

/**
 * Makes the handler of the `modify` action: changes of a document that are computed from what it
 * holds, between the events of native `document:update`, on behalf of the caller.
 *
 * @param isFolded whether modifications that wait may be stored by one write
 * @param checkRight of the caller to native `document:update`, where it takes one
 */
export function modifyAction(
  writer: ChangeWriter,
  conditions: Conditions,
  keys: RequestKeys,
  { guardsOf, skips }: CollectionRules,
  isFolded: (update: UpdateArguments) => boolean,
  checkRight: RightCheck | undefined,
  statistics: UpdateStatistics,
): Handler {
  const modify = (request: KuzzleRequest): Promise<KuzzleRequest> =>
    withApiEvents(request, async (fireBefore) => {
      const keyed = await onceByKey<ChangedDocument>(keys, request, () =>
        payloadOf(request),
      );
      if ("answer" in keyed) {
        return { isQuiet: true, result: keyed.answer };
      }
      const result = await keyed.run((run) => store(request, fireBefore, run));
      return { isQuiet: readFlag(request, "dryRun"), result };
    });

  const store = async (
    request: KuzzleRequest,
    fireBefore: FireBefore,
    { beforeTry, beforeWrite }: KeyedRun,
  ): Promise<ChangedDocument> => {
    const _id = request.getId();
    const { collection, index } = request.getIndexAndCollection();
    const target = { _id, collection, index };
    const { apply, condition, takesNow, unsets } = readModification(
      request,
      conditions,
    );
    const { precondition, ...options } = readChangeOptions(request);
    const guard = guarding(guardsOf, request);
    const needsOwnWrite =
      unsets || options.isDryRun || precondition !== undefined;
    let seen: { key: string; update: Promise<UpdateArguments> } | undefined;

    return writer.write(target, {
      beforeWrite,
      foldedWith: needsOwnWrite ? undefined : foldedWith(request, isFolded),
      isDryRun: options.isDryRun,
      skipsUnchanged: options.skipsUnchanged || skips(index, collection),
      compute: async (current, now, isUnderWay) => {
        beforeTry();
        const { source, version } = current;
        if (precondition) {
          checkPrecondition(precondition, target, version);
        }
        if (condition) {
          checkCondition(condition, target, source);
        }
        const { body, unset } = apply(source, now);
        const key = equalityKey(body);
        // Pipes have seen these very changes: they judge what is stored, and once.
        if (seen?.key !== key) {
          if (isUnderWay) {
            return undefined;
          }
          const update = throughPipes(request, body, target, fireBefore);
          seen = { key, update };
        }
        const update = await seen.update;
        const computed = {
          takesNow,
          // What a pipe has set stays.
          unset: unset.filter((path) => isNull(valueAt(update.body, path))),
          update,
        };
        guard?.check(computed, current);
        return computed;
      },
      tellsFields: true,
    });
  };

  return counted(statistics, async (incoming) => {
    const caller = callerOf(incoming);
    const request = toDocumentUpdate(incoming);
    const outcome = checkRight
      ? await withNativeRight(request, caller, checkRight, modify)
      : await modify(request);

    return answerWith(outcome, incoming);
  });
}

/** Those with the same are of one user, with the same options; nothing where each has a write of its own. */
function foldedWith(
  request: KuzzleRequest,
  isFolded: (update: UpdateArguments) => boolean,
): string | undefined {
  // Of a copy: over HTTP, Kuzzle's getters note what they find among the arguments.
  const update = readUpdateArguments(toDocumentUpdate(request));
  const { kuid, options } = update;
  const { retryOnConflict, silent, source } = options;

  return isFolded(update)
    ? JSON.stringify([kuid, silent, source, retryOnConflict])
    : undefined;
}

/** All that decides what is stored and answered: what tells of the request itself does not. */
function payloadOf(request: KuzzleRequest): JSONObject {
  // Of a copy: over HTTP, Kuzzle's getters note what they find among the arguments.
  const { _id, body, collection, index, options } = readUpdateArguments(
    toDocumentUpdate(request),
  );
  const { precondition, ...asked } = readChangeOptions(request);
  const { refresh, silent, source } = options;

  return {
    ...{ _id, body, collection, index, refresh, silent, source, ...asked },
    precondition: precondition?.expected,
  };
}

/**
 * Has the pipes of the before events see an update with computed changes, and returns what they made of
 * it. They cannot send it to another document, from which it was not computed.
 */
async function throughPipes(
  request: KuzzleRequest,
  body: JSONObject,
  target: Target,
  fireBefore: FireBefore,
): Promise<UpdateArguments> {
  const update = toDocumentUpdate(request);
  // A copy: it shares values with the document as it was read, and pipes may change it.
  update.input.body = copyOf(body);
  const seen = await fireBefore(update);
  Object.assign(seen.input.args, target);
  const changed = readUpdateArguments(seen);
  if (Array.isArray(changed.body)) {
    const event = "document:beforeUpdate";
    throw pluginError("invalid_pipe_result", event, inspect(changed.body));
  }

  // As storage will have it, whatever they have put there.
  return { ...changed, body: copyOf(changed.body) };
}

function isNull(place: Place): boolean {
  return place.kind === "found" && place.value === null;
}
