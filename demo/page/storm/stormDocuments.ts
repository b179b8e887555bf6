import { MeasureLedger } from "../../devices";
import { sample } from "../../sampleData";
import type { Client } from "../Client";
import { type Contender, measuresOf } from "./contenders";
import { remember } from "./leftovers";
import type { StormPlan } from "./runContender";

/** Creates the documents that one way updates. */
export async function createDocuments(
  plan: StormPlan,
  { collection }: Contender,
  [client]: readonly Client[],
): Promise<readonly string[]> {
  const ids = documentsOf(plan);
  remember(collection, ids);
  await client?.document.mCreate(
    sample.index,
    collection,
    ids.map((_id) => ({ _id, body: { count: 0, step: -1 } })),
  );

  return ids;
}

/** Returns the identifiers of the documents of one way, which nobody else has. */
function documentsOf({ inFlight, isHot }: StormPlan): string[] {
  const run = Math.random().toString(36).slice(2);
  const count = isHot ? 1 : inFlight;

  return Array.from({ length: count }, (_, position) => `${run}-${position}`);
}

/**
 * Returns how many updates were answered without an error and are not in the documents; of measures, how
 * many of the asset are older than one that was.
 *
 * @param steps of those that were answered without an error
 * @param client of a connection that is there
 */
export async function countOverwritten(
  client: Client,
  { collection, isFolded, kind }: Contender,
  ids: readonly string[],
  steps: readonly number[],
): Promise<number | undefined> {
  if (kind === "update" && isFolded) {
    return undefined;
  }
  const { successes } = await client.document.mGet(sample.index, collection, [
    ...ids,
  ]);
  if (kind === "measure") {
    const ledger = new MeasureLedger();
    steps.forEach((step) => ledger.note(measuresOf(step)));
    return ledger.stale(successes[0]?._source["measures"]);
  }
  const found = successes.map(({ _source, _version }) =>
    // Each document began as version 1.
    kind === "counter" ? Number(_source["count"]) : Number(_version) - 1,
  );

  // An update whose answer was an error, or did not come, may be stored.
  return Math.max(0, steps.length - found.reduce((sum, each) => sum + each, 0));
}
