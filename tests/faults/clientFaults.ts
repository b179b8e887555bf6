import { once } from "node:events";
import { it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";
import { WebSocket } from "ws";

import { HttpClient } from "../support/HttpClient";
import { toPayload } from "../support/request";
import type { Sender } from "../support/UpdateLedger";
import type { FaultSite } from "./FaultSite";

/** Kuzzle's `server.maxRequestSize`, in bytes. */
const MAX_REQUEST = 2 ** 20;

const bodies: readonly {
  readonly fault: string;
  readonly body: JSONObject;
  readonly allowed?: RegExp;
}[] = [
  {
    body: bodyOf(MAX_REQUEST),
    fault: "a body at `server.maxRequestSize` (1 MiB), over HTTP",
  },
  {
    allowed: /^413 /,
    body: bodyOf(MAX_REQUEST + 1),
    fault: "a body over `server.maxRequestSize` (1 MiB), over HTTP",
  },
  { body: bodyWith(1_000), fault: "a body of 1,000 fields" },
  { body: deepBody(20), fault: "a body of 20 levels" },
];

export function clientFaults(site: () => FaultSite): void {
  it("the client gone before its answer", async () => {
    const ledger = await site().ledger(50);
    const leaving: Sender = {
      send: async (request) => {
        const socket = new WebSocket(
          `ws://127.0.0.1:${site().application.port}`,
        );
        await once(socket, "open");
        const payload = JSON.stringify(toPayload(request));
        await new Promise((sent) => socket.send(payload, sent));
        socket.terminate();
        throw new Error("left");
      },
    };

    await ledger.send(leaving, 200);

    await site().report("the client gone before its answer", ledger, [
      "connection lost",
    ]);
  });

  it("2,000 requests at once", async () => {
    const ledger = await site().ledger(2_000);
    const patient = new HttpClient(site().application.port, 60_000);

    await ledger.send(patient, 2_000);

    await site().report(
      "2,000 requests at once, with room for 550 (`limits.concurrentRequests`, `limits.requestsBufferSize`)",
      ledger,
      ["acknowledged", "503 api.process.overloaded"],
    );
  });

  for (const { body, fault, allowed = "acknowledged" } of bodies) {
    it(fault, async () => {
      const ledger = await site().ledger(1);

      await ledger.send(site().http, 1, body);

      await site().report(fault, ledger, [allowed]);
    });
  }
}

/** A body of this size, with what the ledger adds to it. */
function bodyOf(bytes: number): JSONObject {
  const around = '{"padding":"","update-0":true}'.length;

  return { padding: "x".repeat(bytes - around) };
}

function bodyWith(fields: number): JSONObject {
  return Object.fromEntries(
    Array.from({ length: fields }, (_, n) => [`field-${n}`, n]),
  );
}

function deepBody(levels: number): JSONObject {
  return levels > 1
    ? { deeper: deepBody(levels - 1), level: levels }
    : { level: levels };
}
