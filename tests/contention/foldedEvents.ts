import assert from "node:assert/strict";
import { it } from "node:test";

import type { SeenEvent } from "../application/probe";
import { probe } from "../change/setting";
import type { TestApplication } from "../support/TestApplication";
import { Flock, versionOrError } from "./Flock";

const UPDATES = 40;

export function foldedEvents(of: () => TestApplication): void {
  it("folded updates fire the events of the API once each", async () => {
    const application = of();
    const flock = await Flock.of(application, "fold-events", 1);
    const [_id = ""] = flock.ids;
    const requestIds = Array.from({ length: UPDATES }, (_, n) => `folded-${n}`);
    for (const requestId of requestIds) {
      await probe(application, "arm", requestId);
    }

    const answers = await Promise.all(
      requestIds.map((requestId, n) =>
        flock.update(_id, { [`field-${n}`]: n }, { requestId }),
      ),
    );

    const versions = new Set(answers.map(versionOrError));
    assert.ok(versions.size < UPDATES, `${[...versions].join()}: not folded`);
    for (const requestId of requestIds) {
      const seen = (await probe(application, "collect", requestId)) as unknown;
      assert.deepEqual(
        (seen as SeenEvent[])
          .filter(({ event }) => event.startsWith("document:"))
          .map(({ event, kind }) => `${kind} ${event}`),
        [
          "pipe document:beforeUpdate",
          "hook document:beforeUpdate",
          "pipe document:afterUpdate",
          "hook document:afterUpdate",
        ],
        requestId,
      );
    }
    await flock.close();
  });
}
