// Loaded before an application of the README, which knows nothing of who starts it: sends word once it
// serves, and ends with who started it.
import { becomesTrue } from "../../scripts/services/answers.mjs";

const TIMEOUT_MS = 120_000;
/** Kuzzle's own number of the state in which it serves requests. */
const RUNNING = 2;

process.once("disconnect", () => process.exit());
void becomesTrue(serves, TIMEOUT_MS).then(
  (ready) => ready && process.send?.("ready"),
);

/** Asks the Kuzzle of this process: whatever answers at its port may be another one, which took it. */
async function serves() {
  try {
    const { kuzzle } = /** @type {{ kuzzle?: { state: number } }} */ (
      /** @type {unknown} */ (globalThis)
    );

    return kuzzle?.state === RUNNING;
  } catch {
    // Kuzzle throws as long as there is none.
    return false;
  }
}
