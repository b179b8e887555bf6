import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { until } from "../support/until";
import { elasticsearch } from "./elasticsearch";
import { Flock, versionOrError } from "./Flock";
import { statsOf } from "./setting";
import type { Site } from "./slowBatch";

/** That wait for the document: as many as the application takes at once. */
const WAITING = 1_000;
/** How long each request to storage takes, in ms. */
const LATENCY_MS = 10;
/** Requests to storage: those that were under way, and one for all that wait. */
const FEW = 12;
const GONE = "404 services.storage.not_found";

const requests = {
  "folded updates": {
    name: "fold-gone",
    request: (n: number) => ({ body: { [`field-${n % 10}`]: n } }),
  },
  modifications: {
    name: "gone",
    request: () => ({
      action: "modify",
      body: { operators: { increment: { n: 1 } } },
    }),
  },
} as const;

export function deletedDocument(of: () => Site): void {
  for (const [what, { name, request }] of Object.entries(requests)) {
    it(`${WAITING} ${what} that wait for a document which is deleted get native's 404, for few requests to storage`, async () => {
      const { application, proxy } = of();
      const flock = await Flock.of(application, name, 1);
      const [_id = ""] = flock.ids;
      let release = () => {};
      const released = new Promise<void>((resolve) => (release = resolve));
      let count = 0;
      proxy.meddle = async (call, forward) => {
        if ((call.path + call.body).includes(_id)) {
          count++;
          await released;
          await pause(LATENCY_MS);
        }
        return forward();
      };

      const sent = Array.from({ length: WAITING }, (_, n) => {
        const { body, ...more } = request(n);
        return flock.update(_id, body, more);
      });
      await until("all to wait", async () => {
        const { queues } = await statsOf(application);
        return queues.longest >= WAITING - 1;
      });
      await elasticsearch(flock.target, "DELETE", `_doc/${_id}`);
      release();
      const answers = await Promise.all(sent);
      proxy.meddle = (_, forward) => forward();

      assert.deepEqual([...new Set(answers.map(versionOrError))], [GONE]);
      assert.ok(count <= FEW, `${count} requests to storage`);
      await flock.close();
    });
  }
}
