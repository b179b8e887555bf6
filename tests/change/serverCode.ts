import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import type { TestApplication } from "../support/TestApplication";
import type { Target } from "../support/request";
import { HttpClient } from "../support/HttpClient";
import { documentOf, errorOf, stored } from "./setting";

/** Updates of one document at once. */
const MANY = 32;

/** Documents that server code updates by what a function makes of them. */
export function serverCode(of: () => TestApplication): void {
  const updateWith = (
    document: Target & { readonly _id: string },
    changes: readonly string[],
    more: JSONObject = {},
  ): Promise<JSONObject> =>
    of().stage.call({
      ...document,
      action: "updateWith",
      body: { changes, ...more },
      controller: "devices",
    });
  const aDocument = async (name: string, content: JSONObject = { count: 0 }) =>
    stored(of(), await of().createCollection(name), "asset", content);

  describe("server code", () => {
    for (const change of ["count", "countLater", "byOperator"]) {
      it(`loses no update by a function: ${change}`, async () => {
        const document = await aDocument(`with-${change.toLowerCase()}`);

        const [{ errors, results }, other] = await Promise.all([
          updateWith(document, Array<string>(MANY).fill(change)),
          // Other writers come between: a native one, which is to try again often.
          new HttpClient(of().port).send({
            ...document,
            action: "update",
            args: { retryOnConflict: 50 },
            body: { other: true },
            controller: "document",
          }),
        ]);

        assert.equal(errorOf(other), null);
        assert.deepEqual(errors, []);
        assert.equal(results.length, MANY);
        const { content } = await documentOf(of(), document);
        assert.deepEqual(content, { count: MANY, other: true });
      });
    }

    it("filters a list, and replaces an object", async () => {
      const document = await aDocument("lists", {
        at: { x: 1 },
        devices: [{ _id: "d1" }, { _id: "d2" }],
      });

      await updateWith(document, ["unlink"]);
      await updateWith(document, ["replace"]);

      const { content } = await documentOf(of(), document);
      assert.deepEqual(content, { at: { y: 1 }, devices: [{ _id: "d2" }] });
    });

    it("leaves a document, throws, or meets no condition, and nothing is stored", async () => {
      const document = await aDocument("left", { count: 1 });

      assert.deepEqual(await updateWith(document, ["leave"]), {
        errors: [],
        results: [null],
      });
      for (const [change, error, more] of [
        ["throw", "no such device"],
        ["conditionally", "plugin.document-update.condition_not_met"],
        [
          "count",
          "plugin.document-update.version_mismatch",
          { options: { ifVersion: 9 } },
        ],
      ] as const) {
        const { errors } = await updateWith(document, [change], more);
        assert.deepEqual(errors, [error]);
      }
      assert.deepEqual(await documentOf(of(), document), {
        content: { count: 1 },
        version: 1,
      });
    });

    it("gives up a function that never returns, and goes on with the next", async () => {
      const document = await aDocument("hanging");

      const { errors, results } = await updateWith(document, ["hang", "count"]);

      assert.deepEqual(errors, ["plugin.document-update.timed_out"]);
      assert.equal(results.length, 1);
      assert.deepEqual((await documentOf(of(), document)).content, {
        count: 1,
      });
    });

    it("acts for a user, or for the application", async () => {
      const document = await aDocument("users");
      await of().createUser("device-user", {
        document: { actions: { get: true } },
      });
      const updater = async () => {
        const { _source } = await of().stage.call({
          ...document,
          action: "get",
          controller: "document",
        });
        return _source._kuzzle_info.updater as unknown;
      };
      const user = { _id: `device-user-${of().suffix}` };

      const { errors } = await updateWith(document, ["count"], {
        options: { user },
      });
      assert.deepEqual(errors, []);
      assert.match(String(await updater()), /^device-user/);
      await updateWith(document, ["count"]);
      assert.equal(await updater(), null);
    });

    it("uses the client's controller, as the application and as a user, with events and without", async () => {
      const document = await aDocument("controllers");
      for (const args of [{}, { events: false }]) {
        const { modified, updated } = await of().stage.call({
          ...document,
          action: "modifyAs",
          args,
          controller: "devices",
        });
        assert.equal(updated._source.updated, true);
        assert.equal(typeof modified._source.count, "number");
      }
      const { content } = await documentOf(of(), document);
      assert.deepEqual(content, { count: 2, updated: true });
    });
  });
}
