import { inspect } from "node:util";

import type { JSONObject, KuzzleRequest } from "kuzzle";

import type { ChangedDocument } from "../change/Change";
import type { ChangeWriter } from "../change/ChangeWriter";
import { checkCondition, type Conditions } from "../change/conditions";
import { equalityKey } from "../change/equalityKey";
import { formatPath, type Place, valueAt } from "../change/paths";
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
 * Makes the handler of the `modify` action. It computes changes from the stored document and stores them
 * on behalf of the caller, between the events of native `document:update`.
 *
 * @param isFolded tells whether modifications in a queue may be stored by one write
 * @param checkRight checks the caller's right on native `document:update`; left out with `checkRights:
 * false`
 */
export function modifyAction(
  writer: ChangeWriter,
  conditions: Conditions,
  keys: RequestKeys,
  { guardsOf, needsField, skips }: CollectionRules,
  isFolded: (update: UpdateArguments) => boolean,
  checkRight: RightCheck | undefined,
  statistics: UpdateStatistics,
): Handler {
  const modify = async (request: KuzzleRequest): Promise<KuzzleRequest> => {
    let keep: ((answer: unknown) => Promise<void>) | undefined;
    const outcome = await withApiEvents(request, async (fireBefore) => {
      const keyed = await onceByKey<ChangedDocument>(keys, request, () =>
        payloadOf(request),
      );
      if ("answer" in keyed) {
        return { isQuiet: true, result: keyed.answer };
      }
      const result = await keyed.run((run) => store(request, fireBefore, run));
      keep = keyed.keep;
      return { isQuiet: readFlag(request, "dryRun"), result };
    });
    if (outcome.error === null) {
      await keep?.(outcome.result);
    }

    return outcome;
  };

  const store = async (
    request: KuzzleRequest,
    fireBefore: FireBefore,
    { beforeTry, beforeWrite }: KeyedRun,
  ): Promise<ChangedDocument> => {
    const _id = request.getId();
    const { collection, index } = request.getIndexAndCollection();
    const target = { _id, collection, index };
    const modification = readModification(request, conditions);
    const { apply, condition, needsMetadata, takesNow } = modification;
    for (const path of modification.unset) {
      if (needsField(index, collection, path)) {
        const reason = "a specification needs it, or describes fields in it";
        throw pluginError("unset_refused", formatPath(path), reason);
      }
    }
    const { precondition, ...options } = readChangeOptions(request);
    const guard = guarding(guardsOf, request);
    const needsOwnWrite =
      modification.unset.length > 0 ||
      needsMetadata ||
      options.isDryRun ||
      precondition !== undefined;
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
        // If a retry computes the same changes, the pipes have seen them already: fire the before events
        // only once for the changes that are stored.
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
          // If a pipe has given the field a value, the field is not removed.
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

/**
 * Key of the modifications that may be folded with this one: those of the same user with the same
 * options. Undefined if it has to be written alone.
 */
function foldedWith(
  request: KuzzleRequest,
  isFolded: (update: UpdateArguments) => boolean,
): string | undefined {
  // From a copy of the request: over HTTP, Kuzzle's getters write what they return into the arguments.
  const update = readUpdateArguments(toDocumentUpdate(request));
  const { kuid, options } = update;
  const { retryOnConflict, silent, source } = options;

  return isFolded(update)
    ? JSON.stringify([kuid, silent, source, retryOnConflict])
    : undefined;
}

/**
 * The parts of a request that decide what is stored and answered. Ids and timestamps of the request
 * itself are left out.
 */
function payloadOf(request: KuzzleRequest): JSONObject {
  // From a copy of the request: over HTTP, Kuzzle's getters write what they return into the arguments.
  const { _id, body, collection, index, options } = readUpdateArguments(
    toDocumentUpdate(request),
  );
  const { precondition, ...asked } = readChangeOptions(request);
  const { refresh, silent, source } = options;

  return {
    ...asked,
    _id,
    body,
    collection,
    index,
    precondition: precondition?.expected,
    refresh,
    silent,
    source,
  };
}

/**
 * Fires the before events with the computed changes as the body, and returns the update that the pipes
 * made of it. Pipes cannot send it to another document: the changes were computed from this one.
 */
async function throughPipes(
  request: KuzzleRequest,
  body: JSONObject,
  target: Target,
  fireBefore: FireBefore,
): Promise<UpdateArguments> {
  const update = toDocumentUpdate(request);
  // A copy, because pipes may change it, and it shares values with the document that was read.
  update.input.body = copyOf(body);
  const seen = await fireBefore(update);
  Object.assign(seen.input.args, target);
  const changed = readUpdateArguments(seen);
  if (Array.isArray(changed.body)) {
    const event = "document:beforeUpdate";
    throw pluginError("invalid_pipe_result", event, inspect(changed.body));
  }

  // Pipes may have put anything there: convert it to what storage will hold.
  return { ...changed, body: copyOf(changed.body) };
}

function isNull(place: Place): boolean {
  return place.kind === "found" && place.value === null;
}
