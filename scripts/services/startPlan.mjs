import { step } from "../step.mjs";
import { startKeeper } from "./keep.mjs";
import { sweepLeftovers } from "./leftovers.mjs";

const ATTEMPTS = 3;
const PORT_TAKEN =
  /Address already in use|EADDRINUSE|port \d+ is unavailable|port is already allocated/;

/**
 * Starts what a plan says under a keeper, after what killed ones left is cleaned up.
 *
 * @param {() => Promise<import("./keep.mjs").Plan>} makePlan chooses ports that are free
 * @param {(stop: () => Promise<void>) => void} started called as soon as there is something to stop
 * @throws {import("../fail.mjs").Unmet} when a service does not come up
 */
export async function startPlan(makePlan, started) {
  await sweepLeftovers();

  for (let attempt = 1; ; attempt++) {
    const plan = await makePlan();
    try {
      return await step(`Starting ${plan.title}`, () =>
        startKeeper(plan, started),
      );
    } catch (error) {
      // A port that was free a moment ago may be taken by the time a service listens to it.
      if (!PORT_TAKEN.test(String(error)) || attempt === ATTEMPTS) {
        throw error;
      }
    }
  }
}
