import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import type { ServiceName } from "../support/ControlledServices";
import { HttpClient } from "../support/HttpClient";
import { until } from "../support/until";
import type { Outcome } from "../support/UpdateLedger";
import type { FaultSite } from "./FaultSite";

/** How long a service is away, in ms: longer than the plugin waits for a batched read. */
const AWAY_MS = 6_000;
/** How long the patient clients wait for an answer, in ms. */
const PATIENT_MS = 10_000;
/** How long the clients that give up before it is back wait for an answer, in ms. */
const HASTY_MS = 3_000;
const UPDATES = 1_000;

/**
 * A service that is paused, and killed and restarted, in the middle of updates: by clients that wait
 * until it is back, and at the same time by others that do not.
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
  const seconds = AWAY_MS / 1000;

  for (const { begin, end, fault, patient } of [
    {
      begin: "pause",
      end: "resume",
      fault: `paused (SIGSTOP) for ${seconds} s`,
      patient: ["acknowledged"],
    },
    {
      begin: "kill",
      end: "restart",
      fault: `killed (SIGKILL), and restarted after ${seconds} s`,
      patient: unreachable,
    },
  ] as const) {
    it(`${title} ${fault}`, async () => {
      const { application, services } = site();
      const [waiting, leaving] = await Promise.all([
        site().ledger(),
        site().ledger(),
      ]);
      const send = (ledger: typeof waiting, deadline: number) =>
        ledger.send(new HttpClient(application.port, deadline), UPDATES);
      const sent = [send(waiting, PATIENT_MS), send(leaving, HASTY_MS)];
      await until("updates are in flight", async () =>
        [waiting, leaving].every(({ entries }) => entries.length > 100),
      );

      await services[begin](name);
      await pause(AWAY_MS);
      await services[end](name);
      await Promise.all(sent);

      await site().report(
        `${title} ${fault}; clients wait ${PATIENT_MS / 1000} s`,
        waiting,
        patient,
      );
      const { unacknowledged } = await leaving.audit();
      assert.ok(unacknowledged > 0, "it was not away");
      await site().report(
        `${title} ${fault}; clients wait ${HASTY_MS / 1000} s`,
        leaving,
        // An update that nobody waits for any more is still under way when its client sends the next.
        [
          ...unreachable,
          "409 plugin.document-update.version_conflict",
          "503 plugin.document-update.timed_out",
        ],
      );
    });
  }
}
