import { once } from "node:events";
import { it } from "node:test";

import { until } from "../support/until";
import { type FaultSite, onlyAllowed, storedOf } from "./FaultSite";

/** The last fault: it ends the application. SIGTERM is among the faults of batches. */
export function shutdownFaults(site: () => FaultSite): void {
  it("SIGKILL with updates in flight", async () => {
    const { application, http, table } = site();
    const ledger = await site().ledger(32);
    const exited = once(application.process, "exit");

    const sent = ledger.send(http, 1_000);
    await until("updates are in flight", async () => {
      return ledger.entries.length > 100;
    });
    application.process.kill("SIGKILL");
    await Promise.all([sent, exited]);

    const outcomes = [...ledger.outcomes.keys()].sort();
    onlyAllowed(outcomes, ["acknowledged", "connection lost"]);
    table.add({
      after: "ends",
      client: outcomes,
      fault: "SIGKILL with updates in flight",
      stored: await storedOf(ledger),
    });
  });
}
