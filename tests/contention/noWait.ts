import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { type StorageProxy, updatedIn } from "../support/StorageProxy";
import { TestApplication } from "../support/TestApplication";
import { elasticsearch } from "./elasticsearch";
import { Flock, versionOrError } from "./Flock";
import { statsOf } from "./setting";

const CONFLICT = "409 plugin.document-update.version_conflict";
/** Writers that are quicker than the plugin, and how often it may win all the same. */
const OTHERS = 20;
const ATTEMPTS = 200;

/** @param of the proxy before storage */
export function noWait(of: () => StorageProxy): void {
  describe("with maxWait: 0", () => {
    let application: TestApplication;
    before(async () => {
      application = await TestApplication.start({
        PROBE_EVENTS: "false",
        "kuzzle_plugins__document-update__fold": "*json:[]",
        "kuzzle_plugins__document-update__maxWait": "0",
        kuzzle_services__internalCache__options__db: "1",
        kuzzle_services__storageEngine__client__node: of().url,
      });
    });
    after(() => application?.stop());

    it("a conflicting update is refused at once, and not tried again", async () => {
      const proxy = of();
      const flock = await Flock.of(application, "no-wait", 1);
      const [_id = ""] = flock.ids;
      const path = `_update/${_id}?retry_on_conflict=100`;
      // Whenever the plugin writes the document, so does somebody else.
      proxy.meddle = async (call, forward) => {
        if (!updatedIn(call).includes(_id)) {
          return forward();
        }
        const [answer] = await Promise.all([
          forward(),
          ...Array.from({ length: OTHERS }, (_, n) =>
            elasticsearch(flock.target, "POST", path, {
              doc: { [`other-${n}`]: Math.random() },
            }),
          ),
        ]);
        return answer;
      };
      const outcomes: unknown[] = [];

      for (let n = 0; n < ATTEMPTS && !outcomes.includes(CONFLICT); n++) {
        const options = { args: { retryOnConflict: 0 } };
        const answer = await flock.update(_id, { n }, options);
        outcomes.push(answer["error"] ? versionOrError(answer) : n);
      }
      proxy.meddle = (_, forward) => forward();

      const stored = outcomes.filter((each) => each !== CONFLICT);
      assert.ok(outcomes.includes(CONFLICT), "nothing conflicted");
      assert.ok(stored.every(Number.isInteger), String(stored));
      assert.equal((await flock.contents())[0]?.["n"], stored.at(-1));
      const { conflicts, retries } = await statsOf(application);
      assert.deepEqual([conflicts, retries], [1, 0]);
      await flock.close();
    });
  });
}
