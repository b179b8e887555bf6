import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { stored } from "../change/setting";
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

    it("updates as the application where it names no user, as natively", async () => {
      const target = await of().createCollection("server-code-of-nobody");
      const by = async (isNative: boolean) => {
        const _id = isNative ? "native" : "ours";
        const document = await stored(of(), target, _id, { n: 1 });
        const { response } = await of().stage.call({
          ...document,
          action: "updateAs",
          args: { isNative },
          body: { n: 2 },
          controller: "probe",
        });
        const { _source, _version } = await of().stage.call({
          ...document,
          action: "get",
          controller: "document",
        });
        const { updater } = _source._kuzzle_info;

        return {
          answer: { ...response.result, _id: undefined, _source: undefined },
          stored: { n: _source.n, updater, version: _version },
        };
      };

      const native = await by(true);
      const ours = await by(false);

      assert.deepEqual(ours, native);
      assert.deepEqual(ours.stored, { n: 2, updater: null, version: 2 });
    });
  });
}
