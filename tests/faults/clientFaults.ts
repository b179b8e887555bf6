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
/** What the ledger adds to a body that is an object with one field, in bytes. */
const ITS_FIELD = ',"update-0":true'.length;

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

  for (const [words, bytes, allowed] of [
    ["at", MAX_REQUEST, "acknowledged"],
    ["over", MAX_REQUEST + 1, /^413 /],
  ] as const) {
    it(`a body ${words} the largest request size`, async () => {
      const ledger = await site().ledger(1);
      const around = '{"padding":""}'.length + ITS_FIELD;

      await ledger.send(site().http, 1, {
        padding: "x".repeat(bytes - around),
      });

      await site().report(
        `a body ${words} \`server.maxRequestSize\` (1 MiB), over HTTP`,
        ledger,
        [allowed],
      );
    });
  }

  it("a body of 1,000 fields", async () => {
    const ledger = await site().ledger(4);
    const fields = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, n) => [`field-${n}`, n]),
    );

    await ledger.send(site().http, 20, fields);

    await site().report("a body of 1,000 fields", ledger, ["acknowledged"]);
  });

  it("a body of 20 levels", async () => {
    const ledger = await site().ledger(4);
    let deep: JSONObject = { level: 20 };
    for (let level = 19; level > 0; level--) {
      deep = { deeper: deep, level };
    }

    await ledger.send(site().http, 20, deep);

    await site().report("a body of 20 levels", ledger, ["acknowledged"]);
  });
}
