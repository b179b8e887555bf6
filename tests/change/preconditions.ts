import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import type { Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import { documentOf, errorOf, stored } from "./setting";

const MISMATCH = "412 plugin.document-update.version_mismatch";
const INVALID = "400 plugin.document-update.invalid_argument";

/** What the cases of `everyWay` do not show. */
export function preconditions(
  way: string,
  of: () => TestApplication,
  controller: string,
): void {
  describe(`preconditions, by ${way}`, () => {
    let target: Target;
    before(async () => {
      target = await of().createCollection("preconditions");
    });

    it("ifVersion lets the update of its version pass, and tells which version there is", async () => {
      const client = await of().connect("websocket");
      const document = await stored(of(), target, "if-version", {});
      const update = (ifVersion: unknown, n: number) =>
        client.send({
          ...document,
          action: "update",
          args: { ifVersion },
          body: { n },
          controller,
        });

      assert.equal(errorOf(await update(1, 1)), null);
      const refused = await update(1, 2);
      assert.equal(errorOf(refused), MISMATCH);
      const { props } = refused.body["error"] as { props: string[] };
      assert.deepEqual(props.slice(-2), ["1", "2"]);
      for (const malformed of [0, -1, "x", 1.5]) {
        const told = `ifVersion: ${malformed}`;
        assert.equal(errorOf(await update(malformed, 3)), INVALID, told);
      }
      assert.deepEqual(await documentOf(of(), document), {
        content: { n: 1 },
        version: 2,
      });
      await client.close();
    });

    it("a PATCH is answered the version as ETag, which If-Match takes, a PUT is not", async () => {
      const client = await of().connect("http");
      const document = await stored(of(), target, "etag", {});
      const update = (method: string, headers = {}) =>
        client.send({
          ...document,
          action: "update",
          body: {},
          controller,
          http: { headers, method },
        });

      const { headers } = await update("PATCH");
      assert.equal(headers?.["etag"], '"2"');
      assert.equal((await update("PUT")).headers?.["etag"], undefined);
      const stale = await update("PATCH", { "if-match": headers?.["etag"] });
      assert.equal(errorOf(stale), MISMATCH);
      const fresh = await update("PATCH", { "if-match": '"3"' });
      assert.equal(errorOf(fresh), null);
    });

    it("a missing document is answered 404, whatever version is required", async () => {
      const { body } = await of().stage.send({
        ...target,
        _id: "missing",
        action: "update",
        args: { ifVersion: 1 },
        body: {},
        controller,
      });

      assert.equal(errorOf({ body }), "404 services.storage.not_found");
    });
  });
}
