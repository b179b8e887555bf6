import type { JSONObject } from "kuzzle";

import { foldChanges } from "./foldChanges";
import type { FoldRules } from "./foldRules";
import type { UpdateArguments } from "./UpdateArguments";
import { UpdateSum } from "./UpdateSum";

/** How many updates are stored as one at most. */
export const MAX_SIZE = 1_000;

/**
 * Takes, of the updates that wait, the first, and those of the same user with the same options that
 * can be stored with it.
 *
 * One update overtakes another only when they came by different connections: between these there is
 * no order.
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

/** Returns one update that stands for several, in their order. */
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
 * What is true of all: a subscriber that leaves out its own doings, by the `sdkInstanceId` of the
 * SDK, is so told of what it did together with others. Objects are not compared.
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
