// Loaded before an application of the README, which knows nothing of who starts it: sends word once it
// serves, and ends with who started it.
import { becomesTrue } from "../../scripts/services/answers.mjs";

const TIMEOUT_MS = 60_000;
const url = `http://127.0.0.1:${process.env["kuzzle_server__port"]}/_healthcheck`;

process.once("disconnect", () => process.exit());
void becomesTrue(serves, TIMEOUT_MS).then(
  (ready) => ready && process.send?.("ready"),
);

/** Another Kuzzle may have taken the port: this one then ends, and is started on other ports. */
async function serves() {
  try {
    const answer = await fetch(url);
    const { node } = /** @type {{ node: string }} */ (await answer.json());
    const { nodeId } = /** @type {{ nodeId?: string }} */ (
      /** @type {unknown} */ (globalThis)
    );

    return answer.ok && node === nodeId;
  } catch {
    return false;
  }
}
