import assert from "node:assert/strict";
import { it } from "node:test";

import { probe } from "../change/setting";
import type { TestApplication } from "../support/TestApplication";
import { until } from "../support/until";
import { Flock } from "./Flock";

const DOCUMENTS = 40;
const EVENT = "generic:document:injectMetadata";

export function logged(of: () => TestApplication): void {
  it("what pipes log names the request of its own update", async () => {
    const application = of();
    const flock = await Flock.of(application, "logged", DOCUMENTS);
    const requestIds = flock.ids.map((_id) => `of-${_id}`);
    for (const requestId of requestIds) {
      await probe(application, "arm", requestId, { [EVENT]: { logs: true } });
    }

    const answers = await Promise.all(
      flock.ids.map((_id, n) =>
        flock.update(_id, { n }, { requestId: requestIds[n] }),
      ),
    );

    assert.deepEqual(
      answers.map(({ error }) => error),
      answers.map(() => null),
    );
    // What Kuzzle logs beside a message comes after it.
    const logged = async () => [
      ...(await application.log()).matchAll(
        /probe saw "([^"]+)"(?:\n {4}\w+: .*)*?\n {4}requestId: "([^"]+)"/g,
      ),
    ];
    await until(
      "the log of all",
      async () => (await logged()).length >= DOCUMENTS,
    );
    for (const [, seen, named] of await logged()) {
      assert.equal(named, seen);
    }
    await flock.close();
  });
}
