import { step } from "../step.mjs";
import { startKeeper } from "./keep.mjs";
import { sweepLeftovers } from "./leftovers.mjs";

const ATTEMPTS = 3;
const PORT_TAKEN =
  /Address already in use|EADDRINUSE|port \d+ is unavailable|port is already allocated/;

/**
 * Starts the services of a plan under a keeper, after cleaning up what killed keepers left.
 *
 * @param {() => Promise<import("./keep.mjs").Plan>} makePlan chooses free ports
 * @param {(stop: () => Promise<void>) => void} started called as soon as there is something to stop
 * @throws {import("../fail.mjs").Unmet} if a service does not come up
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
      // Another process may take a free port before the service listens to it.
      if (!PORT_TAKEN.test(String(error)) || attempt === ATTEMPTS) {
        throw error;
      }
    }
  }
}
