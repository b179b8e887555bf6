import assert from "node:assert/strict";
import { once } from "node:events";
import { it } from "node:test";

import { FaultSite, onlyAllowed, storedOf } from "./FaultSite";
import { until } from "../support/until";

export function shutdownFaults(site: () => FaultSite): void {
  for (const [signal, allowed] of [
    ["SIGTERM", ["acknowledged", "connection lost", /^503 /]],
    ["SIGKILL", ["acknowledged", "connection lost"]],
  ] as const) {
    it(`${signal} with updates in flight`, async () => {
      const { services, table } = site();
      const ending = await FaultSite.start(services, table, {
        // On one Redis, two applications of one database are nodes of one cluster.
        kuzzle_services__internalCache__options__db: "1",
      });
      const ledger = await ending.ledger(32);
      const { process } = ending.application;
      const exited = once(process, "exit");

      const sent = ledger.send(ending.http, 2_000);
      await until("updates are in flight", async () => {
        return ledger.entries.length > 300;
      });
      process.kill(signal);
      await Promise.all([sent, exited]);

      const outcomes = [...ledger.outcomes.keys()].sort();
      onlyAllowed(outcomes, allowed);
      table.add({
        after: `ends${signal === "SIGTERM" ? " with exit code 0" : ""}`,
        client: outcomes,
        fault: `${signal} with updates in flight`,
        stored: await storedOf(ledger),
      });
      assert.equal(process.exitCode, signal === "SIGTERM" ? 0 : null);
      await ending.application.stop();
    });
  }
}
