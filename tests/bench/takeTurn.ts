import { setTimeout as pause } from "node:timers/promises";

import { WebSocketClient } from "../support/WebSocketClient";
import { until } from "../support/until";
import { type Outcome, outcomeOf } from "../support/UpdateLedger";
import { Audit, type Findings } from "./Audit";
import { chooser } from "./chooser";
import { MeasureLedger, payloadOf } from "../../demo/devices";
import type { Stored } from "./Documents";
import type { Contender, Scenario } from "./Scenario";
import { type Connection, connect } from "./senders";
import type { Site } from "./Stack";
import { percentile } from "./statistics";
import { ask } from "./vitals";
import { fieldOf, WriteLedger } from "./WriteLedger";

/** Longest wait for the answers that are still to come when a turn ends, in ms. */
const GRACE_MS = 30_000;

/** Longest wait for notifications after the last answer, in ms. */
const NOTIFIED_MS = 10_000;

/** What a contender did in one turn. */
export interface Turn {
  readonly acknowledged: number;
  /** Acknowledged, and not stored. */
  readonly lost: number;
  readonly failures: ReadonlyMap<Outcome, number>;
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** Acknowledged and stored, a second. */
  readonly goodput: number;
  /** Of acknowledged updates, in ms. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** µs of the Kuzzle process for an acknowledged update. */
  readonly cpu: number;
  /** Bytes after a full collection. */
  readonly heap: number;
  /** Of devices: measures of their asset that are older than the newest one that was sent. */
  readonly stale?: number;
  /** Where the scenario is audited. */
  readonly findings?: Findings;
}

/**
 * Has a contender update documents for a while, and holds what it acknowledged against storage.
 *
 * @param seconds how long new updates begin
 */
export async function takeTurn(
  contender: Contender,
  scenario: Scenario,
  site: Site,
  seconds: number,
): Promise<Turn> {
  const { documents } = scenario;
  await site.documents.prepare(documents.count);
  const subscribers = await subscribe(scenario, site);
  const connections = await connect(contender, scenario, site);
  const { cpu } = await ask(site.process, { pipes: scenario.pipes });
  const audit = scenario.audited
    ? new Audit(site.documents.versionBefore(0))
    : undefined;
  const { elapsed, latencies, ledger, measures } = await load(
    contender,
    scenario,
    site,
    connections,
    seconds,
    audit,
  );
  const after = await ask(site.process, { pipes: false });
  const findings = audit && (await findingsOf(audit, subscribers[0]!));
  await closeAll([...connections, ...subscribers]);

  const { acknowledged, failures } = ledger;
  const stored = await site.documents.read(ledger.documents);
  const lost = lostOf(ledger, stored, contender, scenario, site);
  const { heapUsed } = await ask(site.process, { collect: true });
  latencies.sort((a, b) => a - b);

  return {
    acknowledged,
    cpu: (after.cpu - cpu) / acknowledged,
    failures,
    ...(findings && { findings }),
    goodput: (acknowledged - lost) / elapsed,
    heap: heapUsed,
    lost,
    p50: percentile(latencies, 0.5),
    p95: percentile(latencies, 0.95),
    p99: percentile(latencies, 0.99),
    seconds: elapsed,
    ...(scenario.devices && {
      stale: measures.stale(stored.get(0)?.counters["measures"]),
    }),
  };
}

function lostOf(
  ledger: WriteLedger,
  stored: ReadonlyMap<number, Stored>,
  { folds, stores }: Contender,
  { counts, devices }: Scenario,
  { documents }: Site,
): number {
  // What of an asset's measures is stored tells how stale they are.
  if (!stores || devices) {
    return 0;
  }
  const versionBefore = (number: number) => documents.versionBefore(number);
  return counts
    ? ledger.miscounted(stored)
    : ledger.lost(stored, folds ? undefined : versionBefore);
}

async function load(
  contender: Contender,
  scenario: Scenario,
  { documents, tokens }: Site,
  connections: readonly Connection[],
  seconds: number,
  audit: Audit | undefined,
) {
  const ledger = new WriteLedger();
  const measures = new MeasureLedger();
  const latencies: number[] = [];
  const choose = chooser(scenario.documents, scenario.inFlight);
  const request = {
    ...documents.target,
    ...contender.request,
    args: { ...scenario.args, ...contender.request.args },
  };
  /** As clients were last told, by document. */
  const versions = new Map<number, number>();
  const text = "x".repeat(Math.max(0, scenario.body - 30));
  const start = performance.now();
  const end = start + seconds * 1_000;

  /** @returns whether the connection is still there */
  const send = async (worker: number, step: number): Promise<boolean> => {
    const jwt = scenario.users > 0 && tokens[worker % scenario.users];
    const turn = worker + step * scenario.inFlight;
    const connection = connections[turn % connections.length]!;
    const number = choose(worker, step);
    const version = versions.get(number) ?? documents.versionBefore(number);
    const requestId = audit?.nextRequestId();
    const payload = scenario.devices
      ? payloadOf(worker, step, scenario.inFlight)
      : undefined;
    if (payload) {
      measures.note(payload);
    }
    const sent = performance.now();
    const update = {
      body: payload ? { measures: payload } : { [fieldOf(worker)]: step, text },
      ...request,
      _id: String(number),
      ...(jwt && { jwt }),
      ...(requestId && { requestId }),
    };
    const answer = contender.way(connection, update, version);
    const outcome = await outcomeOf(answer);
    if (outcome === "acknowledged") {
      latencies.push(performance.now() - sent);
      const told = Number((await answer).body["result"]?._version);
      versions.set(number, told);
      if (audit && requestId) {
        audit.note(requestId, told);
      }
    }
    ledger.note(number, worker, step, outcome);

    return outcome !== "connection lost";
  };
  const workers = Array.from({ length: scenario.inFlight }, (_, n) => n);
  const sendInWaves = async (): Promise<void> => {
    for (let step = 0; performance.now() < end; step++) {
      const sent = workers.map((worker) => send(worker, step));
      if ((await Promise.all(sent)).includes(false)) {
        return;
      }
    }
  };
  const sendOneAfterAnother = async (worker: number): Promise<void> => {
    for (let step = 0; performance.now() < end; step++) {
      if (!(await send(worker, step))) {
        return;
      }
    }
  };

  const patience = new AbortController();
  void pause(seconds * 1_000 + GRACE_MS, undefined, patience)
    .then(() => closeAll(connections))
    .catch(() => {});
  await (scenario.devices
    ? sendInWaves()
    : Promise.all(workers.map(sendOneAfterAnother)));
  const elapsed = (performance.now() - start) / 1_000;
  patience.abort();

  return { elapsed, latencies, ledger, measures };
}

/** Waits for the notifications that are still to come; those that never do are findings. */
async function findingsOf(
  audit: Audit,
  { notifications }: WebSocketClient,
): Promise<Findings> {
  await until(
    "notifications",
    async () => notifications.length >= audit.acknowledged,
    NOTIFIED_MS,
  ).catch(() => {});

  return audit.findings(
    notifications.map(({ requestId }) => String(requestId)),
  );
}

async function closeAll(open: readonly Connection[]): Promise<void> {
  for (const each of open) {
    await each.close();
  }
}

async function subscribe(
  { subscribers }: Scenario,
  { documents, port, tokens: [jwt] }: Site,
): Promise<WebSocketClient[]> {
  return Promise.all(
    Array.from({ length: subscribers }, async () => {
      const client = await WebSocketClient.connect(port);
      await client.call({
        ...documents.target,
        action: "subscribe",
        body: {},
        controller: "realtime",
        jwt,
      });
      return client;
    }),
  );
}
