import type { JSONObject } from "kuzzle";

import { foldChanges } from "./foldChanges";
import type { FoldRules } from "./foldRules";
import type { UpdateArguments } from "./UpdateArguments";
import { UpdateSum } from "./UpdateSum";

/** Most updates that are stored as one. */
export const MAX_SIZE = 1_000;

/**
 * Selects from a queue the first update, and those of the same user with the same options that can be
 * stored together with it.
 *
 * Updates of one connection keep their order. An update may only overtake updates of other connections,
 * since there is no order between connections.
 */
export function takeFoldable<
  TWaiting extends { readonly update: UpdateArguments },
>(waiting: readonly TWaiting[], rules: FoldRules): readonly TWaiting[] {
  const [first, ...others] = waiting as readonly [TWaiting, ...TWaiting[]];
  const taken = [first];
  const sum = new UpdateSum(rules);
  if (!sum.add(first.update)) {
    return taken;
  }

  const overtaken = new Set<string>();
  for (const pending of others) {
    const { update } = pending;
    if (taken.length === MAX_SIZE) {
      break;
    }
    if (!overtaken.has(update.connectionId) && sum.add(update)) {
      taken.push(pending);
    } else {
      overtaken.add(update.connectionId);
    }
  }

  return taken;
}

/** Merges several updates, in their order, into one. */
export function foldUpdates(
  updates: readonly UpdateArguments[],
): UpdateArguments {
  const last = updates.at(-1)!;
  if (updates.length === 1) {
    return last;
  }
  const body: JSONObject = {};
  for (const update of updates) {
    foldChanges(body, update.body, () => true);
  }
  const volatile = inCommon(updates.map(({ options }) => options.volatile));

  return { ...last, body, options: { ...last.options, volatile } };
}

/**
 * Returns the properties of `volatile` that all updates have in common; objects are not compared. A
 * subscriber that ignores its own changes, by the SDK's `sdkInstanceId`, is thus still notified of those
 * that were stored together with changes of others.
 */
function inCommon(
  volatiles: readonly (JSONObject | null)[],
): JSONObject | null {
  const [first, ...others] = volatiles;
  if (!first || others.includes(null)) {
    return null;
  }

  return Object.fromEntries(
    Object.entries(first).filter(([key, value]) =>
      others.every((other) => other?.[key] === value),
    ),
  );
}
