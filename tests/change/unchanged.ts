import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { Subscriber } from "../contention/Subscriber";
import type { TestApplication } from "../support/TestApplication";
import { documentOf, send, stored } from "./setting";

export function unchanged(of: () => TestApplication): void {
  describe("skipUnchanged", () => {
    it("writes and notifies nothing where the document would stay as it is", async () => {
      const target = await of().createCollection("unchanged");
      const content = { a: { b: [1, { c: 2 }] }, d: null };
      const document = await stored(of(), target, "same", content);
      const subscriber = await Subscriber.of(target, of().port);
      const update = (body: object) =>
        send(of(), {
          ...document,
          action: "update",
          args: { skipUnchanged: true },
          body,
        });

      const { result: same } = await update({ a: { b: [1, { c: 2 }] } });
      assert.deepEqual(same._updatedFields, []);
      assert.equal(same._version, 1);
      const { result: other } = await update({
        a: { b: [1, { c: 3 }] },
        d: null,
      });
      assert.deepEqual(other._updatedFields, ["a.b"]);
      assert.equal(other._version, 2);

      const told = await subscriber.told();
      assert.deepEqual(
        told.map(({ result }) => [...result._updatedFields].sort()),
        // As natively: those that were sent.
        [["a.b", "d"]],
      );
      assert.equal((await documentOf(of(), document)).version, 2);
      await subscriber.close();
    });

    it("takes a whole document that is sent back, with its metadata, for no change", async () => {
      const target = await of().createCollection("unchanged-whole");
      const document = await stored(of(), target, "whole", { n: 1 });
      const { _source } = await of().stage.call({
        ...document,
        action: "get",
        controller: "document",
      });
      assert.ok("_kuzzle_info" in _source);

      const { result } = await send(of(), {
        ...document,
        action: "update",
        args: { skipUnchanged: true },
        body: _source,
      });

      assert.deepEqual(result._updatedFields, []);
      assert.equal(result._version, 1);
    });

    it("knows half a surrogate pair again, in the form that storage gives it", async () => {
      const target = await of().createCollection("unchanged-halves");
      const document = await stored(of(), target, "half", { text: "" });
      const update = () =>
        send(of(), {
          ...document,
          action: "update",
          args: { skipUnchanged: true },
          body: { text: "a\ud800b" },
        });

      const { result: first } = await update();
      const { result: repeat } = await update();

      assert.equal(first._version, 2);
      assert.deepEqual(repeat._updatedFields, []);
      assert.equal(repeat._version, 2);
    });

    for (const controller of ["document-update", "document"]) {
      it(`is the rule of a collection that the configuration names, for ${controller}:update`, async () => {
        const target = await of().createCollection("skipped");
        const document = await stored(of(), target, controller, { n: 1 });
        const update = (body: object) =>
          send(of(), { ...document, action: "update", body, controller });

        const { result: same } = await update({ n: 1 });
        assert.equal(same._version, 1);
        assert.equal("_updatedFields" in same, false);
        const { result: other } = await update({ n: 2 });
        assert.equal(other._version, 2);
      });
    }
  });
}
