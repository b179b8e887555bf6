import { it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import type { FaultSite } from "./FaultSite";

/** What Kuzzle makes of a Redis that it cannot reach: it knows no user without it. */
const UNREACHABLE = [
  "acknowledged",
  /^50[03] /,
  /^401 security\.token\./,
  "no answer in time",
];

export function redisFaults(site: () => FaultSite): void {
  it("Redis stopped, and started again", async () => {
    const { services } = site();
    const ledger = await site().ledger();

    await services.kill("redis");
    await ledger.send(site().http, 200);
    await services.restart("redis");

    await site().report(
      "Redis stopped (SIGKILL), and started again",
      ledger,
      UNREACHABLE,
    );
  });

  it("Redis paused for 5 s", async () => {
    const { services } = site();
    const ledger = await site().ledger();

    await services.pause("redis");
    const sent = ledger.send(site().http, 200);
    await pause(5_000);
    await services.resume("redis");
    await sent;

    await site().report("Redis paused (SIGSTOP) for 5 s", ledger, UNREACHABLE);
  });

  it("Redis restarted in the middle of 1,000 updates", async () => {
    const { services } = site();
    const ledger = await site().ledger();

    const sent = ledger.send(site().http, 1_000);
    while (ledger.entries.length < 300) {
      await pause(10);
    }
    await services.kill("redis");
    await services.restart("redis");
    await sent;

    await site().report(
      "Redis killed and restarted in the middle of 1,000 updates",
      ledger,
      UNREACHABLE,
    );
  });
}
