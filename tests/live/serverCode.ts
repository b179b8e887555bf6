import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { errorOf, stored } from "../change/setting";
import type { TestApplication } from "../support/TestApplication";

/** @param of an application where pipes listen to every event */
export function serverCode(of: () => TestApplication): void {
  describe("server code", () => {
    it("updates in the name of a user, with every event", async () => {
      const target = await of().createCollection("server-code");
      const document = await stored(of(), target, "ours", { n: 1 });
      await of().createUser("server", { "*": { actions: { "*": true } } });
      const kuid = `server-${of().suffix}`;

      const { events, response } = await of().stage.call({
        ...document,
        action: "updateAs",
        args: { kuid },
        body: { n: 2 },
        controller: "probe",
      });

      assert.deepEqual(Object.keys(response), ["result"]);
      assert.equal(response.result._source.n, 2);
      assert.deepEqual(events, [
        "generic:document:beforeUpdate",
        "document:beforeUpdate",
        "generic:document:injectMetadata",
        "document:afterUpdate",
        "generic:document:afterUpdate",
      ]);
      const { _source } = await of().stage.call({
        ...document,
        action: "get",
        controller: "document",
      });
      assert.equal(_source._kuzzle_info.updater, kuid);
    });

    it("is refused an update in the name of nobody", async () => {
      const target = await of().createCollection("server-code-of-nobody");
      const document = await stored(of(), target, "ours", { n: 1 });

      const answer = await of().stage.send({
        ...document,
        action: "updateAs",
        body: { n: 2 },
        controller: "probe",
      });

      const expected = "401 plugin.document-update.user_required";
      assert.equal(errorOf(answer), expected);
    });
  });
}
