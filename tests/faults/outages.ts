import { it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import type { ServiceName } from "../support/ControlledServices";
import { DEADLINE_MS } from "../support/request";
import { until } from "../support/until";
import type { Outcome } from "../support/UpdateLedger";
import type { FaultSite } from "./FaultSite";

const PAUSE_MS = 5_000;

/**
 * A service that is stopped, paused and restarted.
 *
 * @param title what the service is called
 * @param unreachable the outcomes that a client may have while it is away
 */
export function outages(
  site: () => FaultSite,
  name: ServiceName,
  title: string,
  unreachable: readonly (Outcome | RegExp)[],
): void {
  it(`${title} stopped, and started again`, async () => {
    const { http, services } = site();
    const ledger = await site().ledger();

    await services.kill(name);
    await ledger.send(http, 200);
    await services.restart(name);

    await site().report(
      `${title} stopped (SIGKILL), and started again`,
      ledger,
      unreachable,
    );
  });

  it(`${title} paused for ${PAUSE_MS / 1000} s`, async () => {
    const { http, services } = site();
    const ledger = await site().ledger();

    await services.pause(name);
    const sent = ledger.send(http, 200);
    await pause(PAUSE_MS);
    await services.resume(name);
    await sent;

    await site().report(
      `${title} paused (SIGSTOP) for ${PAUSE_MS / 1000} s`,
      ledger,
      ["acknowledged"],
    );
  });

  it(`${title} paused for longer than the client waits`, async () => {
    const { http, services } = site();
    const ledger = await site().ledger();

    await services.pause(name);
    await ledger.send(http, 32);
    await services.resume(name);
    await ledger.send(http, 100);

    await site().report(
      `${title} paused for longer than the client waits (${DEADLINE_MS / 1000} s)`,
      ledger,
      // An update that nobody waits for any more is still under way when its client sends the next.
      [...unreachable, "409 plugin.document-update.version_conflict"],
    );
  });

  it(`${title} restarted in the middle of 1,000 updates`, async () => {
    const { http, services } = site();
    const ledger = await site().ledger();

    const sent = ledger.send(http, 1_000);
    await until("updates are in flight", async () => {
      return ledger.entries.length > 300;
    });
    await services.kill(name);
    await services.restart(name);
    await sent;

    await site().report(
      `${title} killed and restarted in the middle of 1,000 updates`,
      ledger,
      unreachable,
    );
  });
}
