import { isDeepStrictEqual } from "node:util";

import type { JSONObject } from "kuzzle";

import type { PendingUpdate, Waiting } from "./DocumentLanes";
import { foldChanges } from "./foldChanges";
import type { UpdateArguments } from "./UpdateArguments";

/**
 * Takes the first update that waits, and those of the same user with the same options that can be
 * stored with it.
 *
 * One update overtakes another only when they came by different connections: between these there is
 * no order.
 */
export function takeFoldable(waiting: Waiting): Waiting {
  const [first, ...others] = waiting.splice(0) as [PendingUpdate, ...Waiting];
  const taken = [first];
  const body: JSONObject = {};
  const overtaken = new Set<string>();
  const canFold = foldChanges(body, first.update.body);

  for (const pending of others) {
    const { update } = pending;
    if (
      canFold &&
      !overtaken.has(update.connectionId) &&
      haveSameOptions(first.update, update) &&
      foldChanges(body, update.body)
    ) {
      taken.push(pending);
    } else {
      overtaken.add(update.connectionId);
      waiting.push(pending);
    }
  }

  return taken;
}

/** Returns one update that stands for several, in their order. */
export function foldUpdates(
  updates: readonly UpdateArguments[],
): UpdateArguments {
  const last = updates.at(-1)!;
  const body: JSONObject = {};
  for (const update of updates) {
    foldChanges(body, update.body);
  }
  const volatile = inCommon(updates.map(({ options }) => options.volatile));

  return { ...last, body, options: { ...last.options, volatile } };
}

function haveSameOptions(one: UpdateArguments, other: UpdateArguments) {
  return (
    one.kuid === other.kuid &&
    one.options.silent === other.options.silent &&
    one.options.source === other.options.source &&
    one.options.retryOnConflict === other.options.retryOnConflict
  );
}

/**
 * What is true of all. A subscriber that leaves out its own doings, by the `sdkInstanceId` of the
 * SDK, is so told of what it did together with others.
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
      others.every((other) => isDeepStrictEqual(other?.[key], value)),
    ),
  );
}
