import { inspect } from "node:util";

import type { JSONObject, KuzzleRequest } from "kuzzle";

import {
  checkCondition,
  type Condition,
  readCondition,
} from "../change/conditions";
import type { ChangedDocument } from "../change/decide";
import { mergeChanges } from "../change/merge";
import { applyOperators, readOperators } from "../change/operators";
import { formatPath, type Path, type Place, valueAt } from "../change/paths";
import { checkPrecondition } from "../change/preconditions";
import { equalityKey, findUnreadable } from "../change/values";
import { pluginError } from "../errors";
import { copyOf, isPlainObject } from "../json";
import type { Target } from "../kuzzle/alias";
import type { UpdateArguments } from "../write/UpdateArguments";
import { foldGroup, type IsQueued } from "../write/fold";
import { type FireBefore, withApiEvents } from "./apiEvents";
import { readChangeOptions, readFlag, readUpdateArguments } from "./arguments";
import { guarding } from "./guards";
import { answerWith, asDocumentUpdate } from "./nativeRequest";
import { KeyedRun } from "./requestKeys";
import { requireUser, userToCheck, withNativeRight } from "./rights";
import type { ActionTools, Handler } from "./updateAction";

/**
 * Makes the handler of the `modify` action. It computes changes from the stored document and stores them
 * on behalf of the caller, between the events of native `document:update`.
 */
export function modifyAction({
  arrivalOrder,
  checkRights,
  isAllowed,
  isQueued,
  keys,
  rules: { guardsOf, needsField, skips },
  statistics,
  writer,
}: ActionTools): Handler {
  const modify = async (
    incoming: KuzzleRequest,
    request: KuzzleRequest,
  ): Promise<KuzzleRequest> => {
    let run: KeyedRun | undefined;
    const outcome = await withApiEvents(request, async (fireBefore) => {
      const claim = keys.begin(incoming, () => payloadOf(incoming));
      if (claim) {
        // Others do not wait for Redis.
        arrivalOrder.leave(incoming);
      }
      const begun = await (claim ?? arrivalOrder.enter(incoming));
      if (begun && !(begun instanceof KeyedRun)) {
        return { ...begun, isQuiet: true };
      }
      run = begun ?? undefined;
      const stored = () => store(request, fireBefore, run);
      const result = await (run ? run.run(stored) : stored());
      return { isQuiet: readFlag(request, "dryRun"), result };
    });
    // After the after events: a repeat gets what this request is answered.
    await run?.save(outcome);

    return outcome;
  };

  const store = async (
    request: KuzzleRequest,
    fireBefore: FireBefore,
    run: KeyedRun | undefined,
  ): Promise<ChangedDocument> => {
    const _id = request.getId();
    const { collection, index } = request.getIndexAndCollection();
    const target = { _id, collection, index };
    const modification = readModification(request);
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
      ...(run && { beforeWrite: (current) => run.beforeWrite(current) }),
      connectionId: request.context.connection.id,
      foldedWith: needsOwnWrite ? undefined : foldedWith(request, isQueued),
      isDryRun: options.isDryRun,
      skipsUnchanged: options.skipsUnchanged || skips(index, collection),
      compute: async (current, now, isUnderWay) => {
        run?.beforeTry();
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

  return (incoming) =>
    statistics.count(async () => {
      requireUser(incoming);
      const user = userToCheck(incoming, checkRights);
      const request = asDocumentUpdate(incoming);
      const outcome = await withNativeRight(request, user, isAllowed, () =>
        modify(incoming, request),
      );
      return answerWith(outcome, incoming);
    });
}

/**
 * Key of the modifications that may be folded with this one. Undefined if it has to be written alone.
 */
function foldedWith(
  request: KuzzleRequest,
  isQueued: IsQueued,
): string | undefined {
  const update = readUpdateArguments(withOwnArguments(request));

  return isQueued(update) ? foldGroup(update) : undefined;
}

/**
 * The parts of a request that decide what is stored and answered. Ids and timestamps of the request
 * itself are left out.
 */
export function payloadOf(request: KuzzleRequest): JSONObject {
  const { _id, body, collection, index, options } = readUpdateArguments(
    withOwnArguments(request),
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
  // A copy, because pipes may change it, and it shares values with the document that was read.
  const seen = await fireBefore(withOwnArguments(request, copyOf(body)));
  Object.assign(seen.input.args, target);
  const changed = readUpdateArguments(seen);
  // Pipes may have put anything there: convert it to what storage will hold.
  const toStore = copyOf(changed.body);
  if (!isPlainObject(toStore)) {
    const event = "document:beforeUpdate";
    throw pluginError("invalid_pipe_result", event, inspect(toStore));
  }

  return { ...changed, body: toStore };
}

/**
 * Returns a request as a `document:update` with a copy of its arguments: over HTTP, Kuzzle's getters write
 * what they return into them, and pipes change them.
 */
function withOwnArguments(
  request: KuzzleRequest,
  body: JSONObject | null = request.input.body,
): KuzzleRequest {
  return asDocumentUpdate(request, { args: { ...request.input.args }, body });
}

function isNull(place: Place): boolean {
  return place.kind === "found" && place.value === null;
}

/** The content of a `modify` request. */
export interface Modification {
  /** Condition that the document must meet. */
  readonly condition: Condition | undefined;
  /** Computes the changes, with null for each field to remove. */
  readonly apply: (
    source: JSONObject,
    now: number,
  ) => { readonly body: JSONObject; readonly unset: readonly Path[] };
  /** Whether the result depends on the current time. */
  readonly takesNow: boolean;
  /** Paths of the fields to remove. */
  readonly unset: readonly Path[];
  /** Whether the condition is on Kuzzle's metadata, which each write changes. */
  readonly needsMetadata: boolean;
}

const KEYS = ["changes", "condition", "operators"];

/**
 * Reads the body of a `modify`.
 *
 * @throws api.assert.body_required, api.assert.invalid_type, plugin.document-update.invalid_argument,
 * plugin.document-update.invalid_condition, plugin.document-update.invalid_operators,
 * plugin.document-update.operator_path
 */
export function readModification(request: KuzzleRequest): Modification {
  const body: JSONObject = request.getBody();
  if (Array.isArray(body)) {
    throw pluginError("invalid_argument", "body", "an object", "a list");
  }
  const { condition, operators: found, ...rest } = body;
  for (const key of Object.keys(rest)) {
    if (key !== "changes") {
      const keys = `one of the keys ${KEYS.join(", ")}`;
      const shown = inspect(key, { maxStringLength: 100 });
      throw pluginError("invalid_argument", "body", keys, shown);
    }
  }
  const changes = request.getBodyObject("changes", {});
  const operators = readOperators(found, changes);
  const unreadable = findUnreadable([changes, found]);
  if (unreadable !== undefined) {
    const expected = "fields that can be read again";
    throw pluginError("invalid_argument", "body", expected, `"${unreadable}"`);
  }

  return {
    apply: (source, now) => {
      const computed = applyOperators(source, operators, now);
      return {
        body: mergeChanges(changes, computed.changes),
        unset: computed.unset,
      };
    },
    condition: condition === undefined ? undefined : readCondition(condition),
    needsMetadata: JSON.stringify(condition)?.includes("_kuzzle_info") ?? false,
    takesNow: operators.some(({ operator }) => operator === "now"),
    unset: operators
      .filter(({ operator }) => operator === "unset")
      .map(({ path }) => path),
  };
}
