import { setTimeout } from "node:timers/promises";

/** How often it is looked, in ms. */
const STEP = 20;

/**
 * Waits until nothing is under way, as at the end of an application.
 *
 * @param longest in ms
 * @returns whether that is so
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
