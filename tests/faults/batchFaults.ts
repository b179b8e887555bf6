import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";

import type { ControlledServices } from "../support/ControlledServices";
import { HttpClient } from "../support/HttpClient";
import { PipelinedSocket } from "../support/PipelinedSocket";
import { StorageProxy, updatedIn } from "../support/StorageProxy";
import { until } from "../support/until";
import { outcomeOf } from "../support/UpdateLedger";
import { FaultSite, onlyAllowed, storedOf } from "./FaultSite";
import type { ReliabilityTable } from "./ReliabilityTable";

const CLIENTS = 32;
/** With the others fewer than Kuzzle works on at once here: those that it buffers keep it from ending. */
const BESIDE = 12;
const UPDATES = 300;
/**
 * Kuzzle's `requestTimeout` here, in ms: four times that is less than a client waits, and once is enough
 * for the first index of an Elasticsearch that has just started.
 */
const REQUEST_TIMEOUT = 5_000;

/** An application that reaches Elasticsearch by way of a proxy. */
export interface ProxiedSite {
  readonly batches: FaultSite;
  readonly proxy: StorageProxy;
}

export async function startProxied(
  services: ControlledServices,
  table: ReliabilityTable,
): Promise<ProxiedSite> {
  const proxy = await StorageProxy.listen(services.elasticsearchUrl);
  const batches = await FaultSite.start(services, table, {
    // On one Redis, two applications of one database are nodes of one cluster.
    kuzzle_services__internalCache__options__db: "1",
    kuzzle_services__storageEngine__client__node: proxy.url,
    kuzzle_services__storageEngine__client__requestTimeout:
      String(REQUEST_TIMEOUT),
  });

  return { batches, proxy };
}

/** The last of them ends the application. */
export function batchFaults(of: () => ProxiedSite): void {
  describe("a bulk request", () => {
    it("whose answer is lost", async () => {
      const { batches, proxy } = of();
      const ledger = await batches.ledger(CLIENTS);
      let lost = 0;
      proxy.meddle = async (call, forward) => {
        const answer = await forward();
        const isLost = updatedIn(call).length > 1 && lost++ === 0;
        return isLost ? undefined : answer;
      };

      await ledger.send(new HttpClient(batches.application.port), UPDATES);
      proxy.meddle = (_, forward) => forward();

      assert.ok(lost > 0, "there was no bulk request");
      await batches.report(
        "the answer to a bulk request lost: the connection ends before it",
        ledger,
        ["acknowledged"],
      );
    });

    it("that hangs", async () => {
      const { batches, proxy } = of();
      const ledger = await batches.ledger(CLIENTS);
      let hanging: string | undefined;
      proxy.meddle = async (call, forward) => {
        if (hanging === undefined && updatedIn(call).length > 1) {
          hanging = call.body;
        }
        // The client gives up, and sends it again.
        return call.body === hanging ? new Promise(() => {}) : forward();
      };

      await ledger.send(
        new HttpClient(batches.application.port, 60_000),
        UPDATES,
      );
      proxy.meddle = (_, forward) => forward();

      assert.ok(hanging !== undefined, "there was no bulk request");
      await batches.report(
        `a bulk request that is never answered, nor are its three repetitions (\`requestTimeout\` ${REQUEST_TIMEOUT / 1000} s)`,
        ledger,
        [
          "acknowledged",
          /^50[03] services\.storage\.(not_connected|unexpected_error)$/,
        ],
      );
    });

    it("that is out at SIGTERM, with updates behind it and others in flight", async () => {
      const { batches, proxy } = of();
      const { port, process } = batches.application;
      const ledger = await batches.ledger(CLIENTS);
      const beside = await batches.ledger(BESIDE);
      const exited = once(process, "exit");
      let release = () => {};
      const held = new Promise<readonly string[]>((resolve) => {
        proxy.meddle = async (call, forward) => {
          const ids = updatedIn(call);
          if (ids.length > 1) {
            proxy.meddle = (_, pass) => pass();
            resolve(ids);
            await new Promise<void>((released) => {
              release = released;
            });
          }
          return forward();
        };
      });

      const socket = await PipelinedSocket.connect(port);
      const sent = ledger.send(socket, UPDATES);
      const members = await held;
      const answered = new Map(
        members.map((_id) => [_id, ledger.of(_id).length]),
      );
      const sentBeside = beside.send(batches.http, UPDATES);
      await until("updates beside it are acknowledged", async () =>
        beside.outcomes.has("acknowledged"),
      );
      process.kill("SIGTERM");
      await until("new requests are refused", async () => {
        const now = socket.send({ action: "now", controller: "server" });
        return (await outcomeOf(now)).startsWith("503 ");
      });
      release();
      await Promise.all([sent, sentBeside, exited]);

      for (const [_id, count] of answered) {
        assert.equal(ledger.of(_id)[count]?.outcome, "acknowledged");
      }

      for (const [fault, { outcomes }, stored] of [
        [
          "SIGTERM while a bulk request is out, and updates wait behind it",
          ledger,
          await storedOf(ledger),
        ],
        [
          "SIGTERM with updates in flight, over HTTP",
          beside,
          await storedOf(beside),
        ],
      ] as const) {
        const client = [...outcomes.keys()].sort();
        onlyAllowed(client, [
          "acknowledged",
          /^503 .*shutting_down$/,
          // It has ended before the client sent the next one.
          "connection lost",
        ]);
        batches.table.add({
          after: "ends with exit code 0",
          client,
          fault,
          stored,
        });
      }
      assert.equal(process.exitCode, 0);
    });
  });
}
