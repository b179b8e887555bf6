import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { PipelinedSocket } from "../support/PipelinedSocket";
import type { TestApplication } from "../support/TestApplication";
import { until } from "../support/until";
import { ConnectionLost } from "../support/WebSocketClient";
import { contentOf, createDocument, queuesEmpty, statsOf } from "./setting";

const UPDATES = 200;
/** Within the `maxWait` of 5,000. */
const SOON_MS = 4_500;

/** @param prefixes of collections, which decide how they are written */
export function goneClient(
  of: () => TestApplication,
  prefixes: readonly string[],
): void {
  describe(`a client that is gone before its ${UPDATES} updates are answered`, () => {
    for (const prefix of prefixes) {
      it(`holds up nobody in a collection "${prefix}…"`, async () => {
        const _id = "hot";
        const application = of();
        const { port, stage } = application;
        const target = await application.createCollection(`${prefix}-gone`);
        await createDocument(application, target, _id);
        const { updates: before } = await statsOf(application);
        const update = {
          ...target,
          _id,
          action: "update",
          controller: "document-update",
        };

        const gone = await PipelinedSocket.connect(port);
        const answers = Array.from({ length: UPDATES }, (_, count) =>
          gone.send({ ...update, body: { [`gone-${count}`]: true } }),
        );
        const settled = Promise.allSettled(answers);
        // It has arrived then, not just been sent.
        await answers[0];
        await gone.close();

        const start = performance.now();
        await stage.call({ ...update, body: { there: true } });
        const ms = performance.now() - start;
        assert.ok(ms < SOON_MS, `the other's update took ${ms} ms`);

        await nothingUnderWay(application);
        await queuesEmpty(application);
        const { there } = await contentOf(application, target, _id);
        assert.equal(there, true);
        const lost = (await settled).filter(
          (each) =>
            each.status === "rejected" && each.reason instanceof ConnectionLost,
        );
        assert.ok(lost.length > 0, "every update was answered in time");
        const { updates } = await statsOf(application);
        assert.ok(updates - before > 2, "no update but one had arrived");
      });
    }
  });
}

/** Waits until Kuzzle holds no request any more. */
async function nothingUnderWay({ stage }: TestApplication): Promise<void> {
  await until("no request under way", async () => {
    const request = { action: "memory", controller: "probe" };
    return (await stage.call(request))["requests"] === 0;
  });
}
