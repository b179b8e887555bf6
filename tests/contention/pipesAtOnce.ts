import assert from "node:assert/strict";
import { it } from "node:test";

import { documentOf, stored } from "../change/setting";
import type { TestApplication } from "../support/TestApplication";
import { Flock } from "./Flock";

/** More than the pipes that Kuzzle runs at once: 50 (`maxConcurrentPipes`). */
const REQUESTS = 60;

export function pipesAtOnce(of: () => TestApplication): void {
  it(
    `${REQUESTS} requests at once, whose pipe awaits the plugin's action, are all answered, and so are those after them`,
    { timeout: 60_000 },
    async () => {
      const flock = await Flock.of(of(), "pipes-at-once", 1);
      const [_id = ""] = flock.ids;

      const answers = await Promise.all(
        Array.from({ length: REQUESTS }, (_, n) =>
          flock.update(
            `created-${n}`,
            { alsoUpdates: _id, n },
            { action: "create", controller: "document" },
          ),
        ),
      );

      assert.equal(answers.length, REQUESTS);
      const created = answers.filter(({ error }) => error === null);
      // What has to wait too long for its pipes is refused, and with it the pipe that awaits it.
      for (const { error } of answers) {
        assert.match(
          String(error?.id ?? "plugin.document-update.timed_out"),
          /^plugin\.document-update\.timed_out$/,
        );
      }
      const after = await stored(of(), flock.target, "after", { n: 1 });
      const answer = await flock.update(after._id, { n: 2 });
      assert.equal(answer["error"], null);
      const { version } = await documentOf(of(), { ...flock.target, _id });
      assert.ok(version > created.length, `${version}: ${created.length}`);
      await flock.close();
    },
  );
}
