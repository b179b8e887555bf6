import { setTimeout } from "node:timers/promises";

/** Polling interval, in ms. */
const STEP = 20;

/**
 * Waits until nothing is under way, for the shutdown of an application.
 *
 * @param longest timeout, in ms
 * @returns false after the timeout
 */
export async function drain(
  isIdle: () => boolean,
  longest: number,
): Promise<boolean> {
  const end = performance.now() + longest;
  while (!isIdle()) {
    if (performance.now() >= end) {
      return false;
    }
    await setTimeout(STEP);
  }

  return true;
}
