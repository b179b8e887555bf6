import assert from "node:assert/strict";

import type { ControlledServices } from "../support/ControlledServices";
import { HttpClient } from "../support/HttpClient";
import type { Target } from "../support/request";
import { TestApplication } from "../support/TestApplication";
import { until } from "../support/until";
import { type Outcome, UpdateLedger } from "../support/UpdateLedger";
import type { ReliabilityTable } from "./ReliabilityTable";

/** Longest wait until an application answers again once the cause of a fault is gone, in ms. */
const RECOVERY_MS = 60_000;
/** Growth of the heap that no failed request explains, in bytes: caches, compiled code. */
const HEAP_TOLERANCE = 24 * 2 ** 20;

/** An application on services that can be broken, and what came of breaking them. */
export class FaultSite {
  readonly application: TestApplication;
  readonly http: HttpClient;
  readonly services: ControlledServices;
  readonly target: Target;
  readonly table: ReliabilityTable;
  #heap = 0;

  private constructor(
    application: TestApplication,
    services: ControlledServices,
    target: Target,
    table: ReliabilityTable,
  ) {
    this.application = application;
    this.http = new HttpClient(application.port);
    this.services = services;
    this.target = target;
    this.table = table;
  }

  static async start(
    services: ControlledServices,
    table: ReliabilityTable,
    environment: Record<string, string> = {},
  ): Promise<FaultSite> {
    const application = await TestApplication.start({
      NODE_ENV: "production",
      "kuzzle_plugins__document-update__interceptNative": "true",
      // Few enough for 2,000 requests at once to be too many.
      kuzzle_limits__concurrentRequests: "50",
      kuzzle_limits__requestsBufferSize: "500",
      kuzzle_limits__requestsBufferWarningThreshold: "100",
      ...environment,
    });
    const target = await application.createCollection("faults", {
      mappings: { dynamic: "false" },
    });
    const site = new FaultSite(application, services, target, table);
    // What is compiled and cached by the first updates is not held by those that fail.
    await (await site.ledger()).send(site.http, 300);
    site.#heap = await site.#heapInUse();

    return site;
  }

  /** Opens a ledger of updates to the collection of this site, or another. */
  ledger(clients?: number, target = this.target): Promise<UpdateLedger> {
    return UpdateLedger.open(this.services.elasticsearchUrl, target, clients);
  }

  /**
   * Checks what must hold after a fault, whatever it was, and writes its row of the table.
   *
   * @param allowed the outcomes that a client may have had
   */
  async report(
    fault: string,
    ledger: UpdateLedger,
    allowed: readonly (Outcome | RegExp)[],
  ): Promise<void> {
    await this.reportOutcomes(fault, [...ledger.outcomes.keys()], allowed, () =>
      storedOf(ledger),
    );
  }

  /**
   * The same for updates without a ledger.
   *
   * @param stored says what is stored of them; throws where that is wrong
   */
  async reportOutcomes(
    fault: string,
    outcomes: readonly Outcome[],
    allowed: readonly (Outcome | RegExp)[],
    stored: () => Promise<string>,
  ): Promise<void> {
    onlyAllowed(outcomes, allowed);
    const since = Date.now();
    await this.answers();
    const recovery = Date.now() - since;
    await this.holdsNothing();
    this.table.add({
      after: `answers within ${Math.ceil(recovery / 1000)} s`,
      client: [...outcomes].sort(),
      fault,
      stored: await stored(),
    });
  }

  /** Waits until the application, which never stopped running, updates again. */
  async answers(): Promise<void> {
    const { exitCode, signalCode } = this.application.process;
    assert.deepEqual([exitCode, signalCode], [null, null]);
    const ledger = await this.ledger(1);
    await until(
      "the application updates again",
      async () => {
        await ledger.send(this.http, 1);
        return ledger.entries.at(-1)?.outcome === "acknowledged";
      },
      RECOVERY_MS,
    );
  }

  /** Checks that Kuzzle has let go of every request, and that the heap is where it was. */
  async holdsNothing(): Promise<void> {
    await until("Kuzzle holds no request", async () => {
      const { requests } = await this.#memory();
      return requests === 0;
    });
    const growth = (await this.#heapInUse()) - this.#heap;
    assert.ok(growth < HEAP_TOLERANCE, `the heap has grown by ${growth} bytes`);
  }

  async #heapInUse(): Promise<number> {
    return (await this.#memory()).heapUsed;
  }

  async #memory(): Promise<{ heapUsed: number; requests: number }> {
    const response = await fetch(
      `http://127.0.0.1:${this.application.port}/_/probe/memory`,
    );
    return ((await response.json()) as { result: never }).result;
  }
}

/** Fails where clients got what is not expected of a fault. */
export function onlyAllowed(
  outcomes: readonly Outcome[],
  allowed: readonly (Outcome | RegExp)[],
): void {
  const unexpected = outcomes.filter(
    (outcome) =>
      !allowed.some((each) =>
        each instanceof RegExp ? each.test(outcome) : each === outcome,
      ),
  );
  assert.deepEqual(unexpected, []);
}

/** Says what is stored of the updates of a ledger. Fails where an acknowledged one is not. */
export async function storedOf(ledger: UpdateLedger): Promise<string> {
  const { acknowledged, lost, storedAllTheSame, unacknowledged } =
    await ledger.audit();
  assert.equal(lost, 0, `${lost} acknowledged updates are lost`);

  return `${acknowledged} of ${acknowledged} acknowledged; ${storedAllTheSame} of ${unacknowledged} others`;
}
