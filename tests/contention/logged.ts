import assert from "node:assert/strict";
import { it } from "node:test";

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
    for (const target of requestIds) {
      await application.stage.call({
        action: "arm",
        args: { target },
        body: { [EVENT]: { logs: true } },
        controller: "probe",
      });
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
    const lines = async () =>
      (await application.log())
        .split("\n")
        .filter((line) => line.includes("probe saw"));
    await until(
      "the log of all",
      async () => (await lines()).length >= DOCUMENTS,
    );
    for (const line of await lines()) {
      const [, seen] = /probe saw "([^"]+)"/.exec(line) ?? [];
      assert.ok(requestIds.includes(String(seen)), line);
    }
    await flock.close();
  });
}
