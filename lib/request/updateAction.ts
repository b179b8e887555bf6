import type { JSONObject, KuzzleRequest } from "kuzzle";

import type { ChangeWriter } from "../change/ChangeWriter";
import { checkPrecondition } from "../change/preconditions";
import { copyOf } from "../copyOf";
import { pluginError } from "../errors";
import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import type { CollectionMatcher } from "../write/collectionPattern";
import type {
  UpdateArguments,
  UpdatedDocument,
  Write,
} from "../write/UpdateArguments";
import { withApiEvents } from "./apiEvents";
import { counted, type Handler } from "./counted";
import { type GuardsOf, guarding } from "./guarding";
import {
  answerWith,
  isDeprecated,
  toDocumentUpdate,
} from "./documentUpdateRequest";
import { isNativeUpdate } from "./nativeInterception";
import { nativeResult } from "./nativeResult";
import { readChangeOptions } from "./readChangeOptions";
import { readUpdateArguments } from "./readUpdateArguments";
import { tellVersion } from "./tellVersion";
import { callerOf, type RightCheck, withNativeRight } from "./rights";
import { underName } from "./underName";
import { readFlag } from "./readFlag";

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

/**
 * Makes the handler of the `update` action. It does the same as native `document:update`, with the same
 * events, on behalf of the caller.
 *
 * @param checkRight checks the caller's right on native `document:update`; left out with `checkRights:
 * false`
 * @param areApiEventsHeard tells whether anything listens to the API events of `document:update`
 */
export function updateAction(
  write: Write,
  writer: ChangeWriter,
  { guardsOf, skips }: CollectionRules,
  checkRight: RightCheck | undefined,
  areApiEventsHeard: () => boolean,
  statistics: UpdateStatistics,
): Handler {
  const writeAsAsked = (
    request: KuzzleRequest,
    update: UpdateArguments,
  ): Promise<UpdatedDocument> => {
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
      isDryRun,
      needsVersionAlone:
        !isDryRun && !skipsUnchanged && !isSkipped && !isGuarded,
      skipsUnchanged: skipsUnchanged || isSkipped,
      tellsFields: isDryRun || skipsUnchanged,
    });
  };
  const store = async (request: KuzzleRequest): Promise<unknown> => {
    const update = readUpdateArguments(request);
    return nativeResult(writeAsAsked(request, update), update);
  };
  const update = (request: KuzzleRequest) =>
    withApiEvents(request, async (fireBefore) => {
      const seen = await fireBefore(request);
      const result = await store(seen);
      return { isQuiet: readFlag(seen, "dryRun"), result };
    });

  const run = async (incoming: KuzzleRequest) => {
    // An intercepted native request: Kuzzle has checked the right, and fires the events around this
    // action.
    if (isNativeUpdate(incoming)) {
      if (readFlag(incoming, "dryRun")) {
        const expected = "it with the plugin's own action alone";
        const found = "document:update, whose after events Kuzzle itself fires";
        throw pluginError("invalid_argument", "dryRun", expected, found);
      }
      return store(incoming);
    }

    const caller = callerOf(incoming);
    // Nothing listens to the events of `document:update`, so no request has to be made for them.
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

  return counted(statistics, async (incoming) => {
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
