import { UpdateStatistics } from "../../lib/statistics/UpdateStatistics";
import { FoldLanes } from "../../lib/write/FoldLanes";
import type { FoldRules } from "../../lib/write/foldRules";
import type { UpdateArguments } from "../../lib/write/UpdateArguments";
import { Outcomes, PausedStorage } from "./aWrite";

/** Rules by which every update is folded. */
export const everything: FoldRules = {
  isFoldable: () => true,
  isQueued: () => true,
  isSurelyValid: () => () => true,
};

/** Lanes above a storage whose writes end when a test says so. */
export function aLane(
  limits: { readonly maxWait?: number; readonly maxPending?: number } = {},
  onWrite: () => void = () => {},
  rules = everything,
) {
  const storage = new PausedStorage();
  const statistics = new UpdateStatistics();
  const outcomes = new Outcomes();
  const waits: number[] = [];
  const lanes = new FoldLanes(
    (update, maxWait) => {
      waits.push(maxWait);
      onWrite();
      return storage.write(update);
    },
    rules,
    { maxPending: 100, maxWait: 5_000, ...limits },
    statistics,
  );
  const start = (...updates: readonly UpdateArguments[]) =>
    updates.forEach((update) => outcomes.follow(lanes.write(update)));

  return { lanes, outcomes, start, statistics, storage, waits };
}
