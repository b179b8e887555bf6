import assert from "node:assert/strict";
import { once } from "node:events";
import { it } from "node:test";

import { elasticsearch } from "../contention/elasticsearch";
import { createDocument } from "../contention/setting";
import { PipelinedSocket } from "../support/PipelinedSocket";
import type { Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import { until } from "../support/until";

/** Of each document. */
const CLIENTS = 32;
/** Updates that each of them is acknowledged before the end. */
const SOME = 5;
/** How long storage takes for an update of server code, in ms: longer than Kuzzle itself takes to end. */
const SLOW_MS = 4_000;
const _id = "hot";

/** Ends the application, so it comes last. */
export function shutdown(of: () => TestApplication): void {
  it(
    "SIGTERM under load ends the application, and loses no acknowledged update",
    { timeout: 60_000 },
    async () => {
      const { process } = of();
      const targets: Target[] = [];
      for (const name of ["ended", "fold-ended"]) {
        const target = await of().createCollection(name);
        await createDocument(of(), target, _id);
        targets.push(target);
      }
      const ofServerCode = await of().createCollection("server-ended");
      await createDocument(of(), ofServerCode, _id);
      const socket = await PipelinedSocket.connect(of().port);
      const outcomes = new Set<string>();
      /** By collection and field, the last value that was acknowledged. */
      const acknowledged = targets.map(() => new Map<string, number>());

      /** Updates a field of its own, until the connection is lost. */
      const client = async (place: number, field: string): Promise<void> => {
        for (let value = 1; ; value++) {
          const { body } = await socket.send({
            ...targets[place],
            _id,
            action: "update",
            body: { [field]: value },
            controller: "document-update",
          });
          if (body["error"] === null) {
            acknowledged[place]!.set(field, value);
          } else {
            outcomes.add(`${body["status"]} ${body["error"].id}`);
          }
        }
      };
      const clients = targets.flatMap((_, place) =>
        Array.from({ length: CLIENTS }, (_, n) => client(place, `client-${n}`)),
      );
      const over = Promise.allSettled(clients);
      await until("some updates of each client", async () =>
        acknowledged.every(
          (values) =>
            values.size === CLIENTS && Math.min(...values.values()) >= SOME,
        ),
      );

      const text = "of server code that waits for nothing";
      await of().stage.call({
        action: "delay",
        args: { ms: SLOW_MS, text },
        controller: "storage-probe",
      });
      await of().stage.call({
        ...ofServerCode,
        _id,
        action: "updateLater",
        body: { text },
        controller: "probe",
      });
      const ended = once(process, "exit");
      process.kill("SIGTERM");
      await ended;
      await over;

      assert.equal(process.exitCode, 0, "how the process ended");
      // Kuzzle takes no new requests then.
      assert.deepEqual(
        [...outcomes].filter((outcome) => !outcome.startsWith("503 ")),
        [],
      );
      const { _version } = await elasticsearch(
        ofServerCode,
        "GET",
        `_doc/${_id}`,
      );
      assert.equal(_version, 2, "of the document of server code");
      for (const [place, target] of targets.entries()) {
        const { _source } = await elasticsearch(target, "GET", `_doc/${_id}`);
        for (const [field, value] of acknowledged[place]!) {
          assert.ok(
            _source[field] >= value,
            `${target.collection}: ${field} is ${_source[field]}, and ${value} was acknowledged`,
          );
        }
      }
    },
  );
}
