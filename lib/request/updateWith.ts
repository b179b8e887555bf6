import type { JSONObject } from "kuzzle";

import type {
  ApiDocumentModifyResult,
  DocumentChange,
  UpdateWithOptions,
} from "../api";
import { readModification, STEP_KEYS } from "../change/modification";
import { kindOf } from "../change/values";
import { pluginError } from "../errors";
import { inTime } from "../inTime";
import { copyOf, isPlainObject, throughJson } from "../json";
import type { Target } from "../kuzzle/collections";
import { requestOfServerCode } from "../kuzzle/application";
import { timedOut } from "../write/outcomes";
import { withApiEvents } from "./apiEvents";
import { changeStore } from "./modifyAction";
import type { ActionTools } from "./updateAction";

/** Updates a document by what a function makes of it: see `DocumentUpdatePlugin`. */
export type UpdateWith = (
  target: Target,
  change: (document: {
    readonly _id: string;
    readonly _source: JSONObject;
    readonly _version: number;
  }) => DocumentChange | Promise<DocumentChange>,
  options: UpdateWithOptions,
) => Promise<ApiDocumentModifyResult | undefined>;

/** How long a function may take to return a change, in ms: others wait for the turn of its document. */
const MAX_TIME = 2_000;

/** Keys of a modification that a function may return. */
const KEYS = [...STEP_KEYS, "steps"];

/** Makes the function by which server code updates a document. */
export function updateWith(tools: ActionTools): UpdateWith {
  const storeChange = changeStore(tools);

  return (target, change, { user, ...args }) =>
    tools.statistics.count(async () => {
      const { events, ifVersion, refresh, silent, source } = args;
      const request = await requestOfServerCode(
        {
          ...target,
          ...{ action: "update", body: {}, controller: "document" },
          ...{ events, ifVersion, refresh, silent, source },
        },
        user?._id,
      );
      let isLeft = false;
      let thrown: { readonly error: unknown } | undefined;
      const outcome = await withApiEvents(request, async (fireBefore) => {
        const result = await storeChange(request, target, fireBefore, {
          apply: async (stored, now) => {
            const document = {
              _id: target._id,
              _source: copyOf(stored.source),
              _version: stored.version,
            };
            thrown = undefined;
            const made = Promise.resolve(document).then(change);
            const found = await inTime(made, MAX_TIME, () => {
              throw timedOut(target, "the function that changes it");
            }).catch((error: unknown) => {
              thrown = { error };
              throw error;
            });
            isLeft = found === undefined;
            if (isLeft) {
              return undefined;
            }
            return readModification(modificationOf(found)).apply(stored, now);
          },
          default: undefined,
          needsOwnWrite: true,
        }).catch((error: unknown) => {
          // It may have thrown on a remembered document that is gone by now.
          thrown = thrown?.error === error ? thrown : undefined;
          throw error;
        });
        return { isQuiet: isLeft, result };
      });
      if (outcome.error) {
        // Not wrapped, as what pipes throw: it is for whoever has made the function.
        throw thrown ? thrown.error : outcome.error;
      }

      return isLeft ? undefined : (outcome.result as ApiDocumentModifyResult);
    });
}

/**
 * Returns what a function has returned as a modification. It is one if it has `changes`, `operators` or
 * `steps`, and nothing that modifications do not have; else it is the changes themselves.
 */
function modificationOf(found: unknown): JSONObject {
  if (!isPlainObject(found)) {
    const expected = "it to return an object or undefined";
    throw pluginError("invalid_argument", "change", expected, kindOf(found));
  }
  const made = throughJson(found);
  const { changes, operators, steps } = made;
  const isModification =
    Object.keys(made).every((key) => KEYS.includes(key)) &&
    (isPlainObject(changes) ||
      isPlainObject(operators) ||
      Array.isArray(steps));

  return isModification ? made : { changes: made };
}
