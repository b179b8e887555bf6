import assert from "node:assert/strict";

import { becomesTrue } from "../../scripts/services/answers.mjs";

/** Longest wait until all nodes of a cluster agree, in ms: they miss a dead one after 3 to 9 s. */
const SETTLE_MS = 60_000;

/** Waits until a probe succeeds. Fails in the words of what was waited for. */
export async function until(
  what: string,
  probe: () => Promise<boolean>,
  timeout = SETTLE_MS,
): Promise<void> {
  assert.ok(
    await becomesTrue(probe, timeout),
    `${what}: not within ${timeout} ms`,
  );
}
