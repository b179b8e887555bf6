import type { JSONObject, KuzzleRequest } from "kuzzle";

import type { ChangeWriter } from "../change/ChangeWriter";
import type { GuardsOf } from "../change/guards";
import { checkPrecondition } from "../change/preconditions";
import { pluginError } from "../errors";
import { copyOf } from "../json";
import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import type { UpdatedDocument, Write } from "../write/delegateUpdate";
import type { CollectionMatcher } from "../kuzzle/collections";
import type { IsQueued } from "../write/fold";
import type { ArrivalOrder } from "./ArrivalOrder";
import { firesEvents, withApiEvents } from "./apiEvents";
import {
  answerWith,
  asDocumentUpdate,
  readChangeOptions,
  readFlag,
  readUpdateArguments,
  tellVersion,
} from "./nativeRequest";
import { guarding } from "./guards";
import type { RequestKeys } from "./requestKeys";
import {
  requireUser,
  type RightCheck,
  userToCheck,
  withNativeRight,
} from "./rights";

/** The handler of an action. */
export type Handler = (request: KuzzleRequest) => Promise<unknown>;

/** Rules of the configuration that depend on the collection. */
export interface CollectionRules {
  readonly guardsOf: GuardsOf;
  /** Tells whether a specification keeps a field from being removed. */
  readonly needsField: (
    index: string,
    collection: string,
    path: readonly string[],
  ) => boolean;
  /** Tells whether an update that would change nothing is not written. */
  readonly skips: CollectionMatcher;
}

/** Stores the update that a request asks for, as its arguments say. */
export type StoreUpdate = (request: KuzzleRequest) => Promise<UpdatedDocument>;

/** What requests are carried out with. */
export interface ActionTools {
  /** Tells whether anything listens to the API events of `document:update`. */
  readonly areApiEventsHeard: () => boolean;
  readonly arrivalOrder: ArrivalOrder;
  /** Whether clients also need the right on native `document:update`. */
  readonly checkRights: boolean;
  readonly isAllowed: RightCheck;
  /** Tells whether updates, or modifications, that wait may be stored by one write. */
  readonly isQueued: IsQueued;
  readonly keys: RequestKeys;
  readonly rules: CollectionRules;
  readonly statistics: UpdateStatistics;
  readonly store: StoreUpdate;
  readonly writer: ChangeWriter;
}

/** Makes the function that stores an update: plainly, or on a condition where the request or a guard asks for one. */
export function updateStore(
  write: Write,
  writer: ChangeWriter,
  { guardsOf, skips }: CollectionRules,
): StoreUpdate {
  return async (request) => {
    const update = readUpdateArguments(request);
    const { isDryRun, precondition, skipsUnchanged } =
      readChangeOptions(request);
    const isSkipped = skips(update.index, update.collection);
    const isConditional =
      isDryRun || precondition !== undefined || skipsUnchanged || isSkipped;
    const guard = guarding(guardsOf, request);
    if (!isConditional && !guard) {
      return write(update);
    }

    const computed = {
      unset: [],
      update: { ...update, body: changesToCheck(update.body) },
    };
    const isGuarded = guard?.needsCurrent(computed) ?? false;
    if (!isConditional && !isGuarded) {
      guard?.check(computed);
      return write(computed.update);
    }

    return writer.write(update, {
      compute: (current) => {
        // A refusal with 403 comes before one with 412.
        guard?.check(computed, isGuarded ? current : undefined);
        if (precondition) {
          checkPrecondition(precondition, update, current.version);
        }
        return computed;
      },
      connectionId: update.context.connection.id,
      isDryRun,
      needsVersionAlone:
        !isDryRun && !skipsUnchanged && !isSkipped && !isGuarded,
      skipsUnchanged: skipsUnchanged || isSkipped,
      tellsFields: isDryRun || skipsUnchanged,
    });
  };
}

/**
 * Makes the handler of the `update` action. It does the same as native `document:update`, with the same
 * events, on behalf of the caller.
 */
export function updateAction({
  areApiEventsHeard,
  arrivalOrder,
  checkRights,
  isAllowed,
  statistics,
  store,
}: ActionTools): Handler {
  const update = (incoming: KuzzleRequest, request: KuzzleRequest) =>
    withApiEvents(request, async (fireBefore) => {
      const seen = await fireBefore(request);
      await arrivalOrder.enter(incoming);
      const result = await store(seen);
      return { isQuiet: readFlag(seen, "dryRun"), result };
    });

  const run = async (incoming: KuzzleRequest) => {
    requireUser(incoming);
    // Kuzzle has deprecated this verb. The definition of a plugin's route has no field for that.
    if (incoming.context.connection.misc.verb === "PUT") {
      incoming.addDeprecation(
        "2.11.0",
        'Use "document:update" route with PATCH instead of PUT',
      );
    }
    const request = asDocumentUpdate(incoming);
    const user = userToCheck(incoming, checkRights);
    // Events that nothing listens to are left out. Then only the check of the right needs the view.
    if (
      !(areApiEventsHeard() && firesEvents(incoming)) &&
      (user === null || (await isAllowed(request, user)))
    ) {
      await arrivalOrder.enter(incoming);
      return store(incoming);
    }

    return answerWith(
      await withNativeRight(request, user, isAllowed, () =>
        update(incoming, request),
      ),
      incoming,
    );
  };

  return (incoming) =>
    statistics.count(async () => {
      const result = await run(incoming);
      tellVersion(incoming, result);
      return result;
    });
}

/**
 * Returns changes in the form that storage will hold, whatever a pipe has put there.
 *
 * @throws plugin.document-update.invalid_argument for an array
 */
function changesToCheck(body: JSONObject): JSONObject {
  if (Array.isArray(body)) {
    throw pluginError("invalid_argument", "body", "an object", "a list");
  }

  return copyOf(body);
}
