import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { PipelinedSocket } from "../support/PipelinedSocket";
import type { TestApplication } from "../support/TestApplication";
import { elasticsearch } from "./elasticsearch";
import { deepJson, deepUpdate } from "./deepBodies";
import { Flock } from "./Flock";
import { queuesEmpty, statsOf } from "./setting";

const UPDATES = 40;
/** Levels of a document that storage accepts. Its work for one grows with their square. */
const DEEP = 500;

export function deepFolds(of: () => TestApplication): void {
  describe(`${UPDATES} updates pipelined to be folded`, () => {
    // A `volatile` that is deeper ends Kuzzle itself, which answers it, whatever the action.
    for (const [part, levels] of [
      ["volatile", 2_000],
      // Elasticsearch itself may never answer a deeper one, as long as its code is not compiled yet.
      ["body", DEEP],
      ["body", 100_000],
    ] as const) {
      it(`are all answered where their ${part} is ${levels} levels deep`, async () => {
        const application = of();
        const name = `fold-deep-${part}-${levels}`;
        const flock = await Flock.of(application, name, 1);
        const [_id = ""] = flock.ids;
        const socket = await PipelinedSocket.connect(application.port);
        const parts = { body: "{}", [part]: deepJson(levels) };
        // They are long: fewer do.
        const count = levels > 10_000 ? UPDATES / 4 : UPDATES;

        const answers = await Promise.all(
          Array.from({ length: count }, () =>
            deepUpdate(socket, flock.target, _id, parts),
          ),
        );

        assert.equal(answers.length, count);
        const { now } = await application.stage.call({
          action: "now",
          controller: "server",
        });
        assert.equal(typeof now, "number");
        assert.equal((await flock.update(_id, {}))["error"], null);
        await queuesEmpty(application);
        await Promise.all([flock.close(), socket.close()]);
      });
    }

    it("are answered the whole of a deep document, with source", async () => {
      const application = of();
      const flock = await Flock.of(application, "fold-deep-source", 1);
      const [_id = ""] = flock.ids;
      const deep = JSON.parse(deepJson(DEEP)) as object;
      await elasticsearch(flock.target, "PUT", `_doc/${_id}`, { deep });
      const { folds: before } = await statsOf(application);

      const answers = await Promise.all(
        Array.from({ length: UPDATES }, (_, n) =>
          flock.update(_id, { [`field-${n}`]: n }, { args: { source: true } }),
        ),
      );

      for (const [n, { error, result }] of answers.entries()) {
        assert.equal(error, null);
        assert.equal(result._source[`field-${n}`], n);
        assert.deepEqual(result._source.deep, deep);
      }
      const { folds } = await statsOf(application);
      assert.ok(folds.count > before.count, "nothing was folded");
      await flock.close();
    });
  });
}
