import { inspect } from "node:util";

import type { JSONObject, KuzzleRequest } from "kuzzle";

import type { ChangedDocument } from "../change/decide";
import {
  type Modification,
  type Modified,
  readModification,
} from "../change/modification";
import { formatPath, type Path, type Place, valueAt } from "../change/paths";
import { checkPrecondition } from "../change/preconditions";
import { equalityKey } from "../change/values";
import { pluginError } from "../errors";
import { copyOf, isPlainObject } from "../json";
import type { Target } from "../kuzzle/collections";
import { isAbsent, type StoredDocument } from "../storage/readDocuments";
import type { UpdateArguments } from "../write/delegateUpdate";
import { foldGroup, type IsQueued } from "../write/fold";
import { type FireBefore, withApiEvents } from "./apiEvents";
import {
  answerWith,
  asDocumentUpdate,
  readChangeOptions,
  readFlag,
  readUpdateArguments,
} from "./nativeRequest";
import { guarding } from "./guards";
import { KeyedRun } from "./requestKeys";
import { requireUser, type User, userToCheck, withNativeRight } from "./rights";
import type { ActionTools, Handler } from "./updateAction";

/**
 * Makes the handler of the `modify` action. It computes changes from the stored document and stores them
 * on behalf of the caller, between the events of native `document:update`.
 */
export function modifyAction(tools: ActionTools): Handler {
  const { arrivalOrder, checkRights, isAllowed, keys, statistics } = tools;
  const storeChange = changeStore(tools);

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
      const stored = () => {
        const _id = request.getId();
        const target = { ...request.getIndexAndCollection(), _id };
        const modification = readModification(request.getBody());
        return storeChange(request, target, fireBefore, modification, run);
      };
      const result = await (run ? run.run(stored) : stored());
      return { isQuiet: readFlag(request, "dryRun"), result };
    });
    // After the after events: a repeat gets what this request is answered.
    await run?.save(outcome);

    return outcome;
  };

  const run = (incoming: KuzzleRequest, user: User | null) => {
    const request = asDocumentUpdate(incoming);
    const update = () =>
      withNativeRight(request, user, isAllowed, () =>
        modify(incoming, request),
      );
    // As for native `document:upsert`, it may create the document.
    return incoming.input.body?.["default"] === undefined
      ? update()
      : withNativeRight(
          asDocumentUpdate(incoming, { action: "create" }),
          user,
          isAllowed,
          update,
        );
  };

  return (incoming) =>
    statistics.count(async () => {
      requireUser(incoming);
      const user = userToCheck(incoming, checkRights);
      return answerWith(await run(incoming, user), incoming);
    });
}

/**
 * Computes a change from the stored document.
 *
 * @param now the current time, in ms since the epoch
 * @returns nothing to leave the document as it is, without events
 */
type Apply = (
  document: Target & StoredDocument,
  now: number,
) => Modified | Promise<Modified | undefined>;

/** Stores a change on behalf of a request, which names the document. */
export type StoreChange = (
  request: KuzzleRequest,
  target: Target,
  fireBefore: FireBefore,
  modification: Omit<Modification, "apply"> & { readonly apply: Apply },
  run?: KeyedRun,
) => Promise<ChangedDocument>;

/**
 * Makes the function that stores a change, with the before events fired for what is computed, once for
 * each different result.
 */
export function changeStore({
  isQueued,
  rules: { guardsOf, needsField, skips },
  writer,
}: Pick<ActionTools, "isQueued" | "rules" | "writer">): StoreChange {
  return (request, target, fireBefore, modification, run) => {
    const { collection, index } = target;
    const { apply } = modification;
    const { precondition, ...options } = readChangeOptions(request);
    const guard = guarding(guardsOf, request);
    const needsOwnWrite =
      modification.needsOwnWrite ||
      options.isDryRun ||
      precondition !== undefined;
    const requireRemovable = (path: Path) => {
      if (needsField(index, collection, path)) {
        const reason = "a specification needs it, or describes fields in it";
        throw pluginError("unset_refused", formatPath(path), reason);
      }
    };
    let seen: { key: string; update: Promise<UpdateArguments> } | undefined;

    return writer.write(target, {
      ...(run && { beforeWrite: (current) => run.beforeWrite(current) }),
      compute: async (current, now, isUnderWay) => {
        run?.beforeTry();
        if (precondition) {
          checkPrecondition(precondition, target, current.version);
        }
        const applied = await apply({ ...target, ...current }, now);
        if (applied === undefined) {
          const left = withOwnArguments(request, {});
          return { isLeft: true, unset: [], update: readUpdateArguments(left) };
        }
        const { body, steps, takesNow, unset } = applied;
        unset.forEach(requireRemovable);
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
        if (steps?.includes(true) === false && !isAbsent(current)) {
          const left = { ...update, body: {} };
          return { isLeft: true, steps, unset: [], update: left };
        }
        const computed = {
          steps,
          takesNow,
          // If a pipe has given the field a value, the field is not removed.
          unset: unset.filter((path) => isNull(valueAt(update.body, path))),
          update,
        };
        // Whoever creates a document may set any field, as natively.
        if (!isAbsent(current)) {
          guard?.check(computed, current);
        }
        return computed;
      },
      connectionId: request.context.connection.id,
      // A version is one of a document that exists.
      default: precondition ? undefined : modification.default,
      foldedWith: needsOwnWrite ? undefined : foldedWith(request, isQueued),
      isDryRun: options.isDryRun,
      skipsUnchanged: options.skipsUnchanged || skips(index, collection),
      tellsFields: true,
    });
  };
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
  const own = withOwnArguments(request, copyOf(body));
  // The arguments may have inherited them, by a key "__proto__" of the client's.
  Object.assign(own.input.args, target);
  const seen = await fireBefore(own);
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
