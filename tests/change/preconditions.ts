import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import { protocols, type Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import { documentOf, errorOf, stored } from "./setting";

const MISMATCH = "412 plugin.document-update.version_mismatch";
const INVALID = "400 plugin.document-update.invalid_argument";

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

    for (const protocol of protocols) {
      it(`ifVersion lets the update of its version pass, and no other, over ${protocol}`, async () => {
        const client = await of().connect(protocol);
        const document = await stored(of(), target, `if-${protocol}`, {});
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
          assert.equal(errorOf(await update(malformed, 3)), INVALID);
        }
        assert.deepEqual(await documentOf(of(), document), {
          content: { n: 1 },
          version: 2,
        });
        await client.close();
      });
    }

    it("If-Match is the same over HTTP: strong, a list, any", async () => {
      const client = await of().connect("http");
      const document = await stored(of(), target, "if-match", {});
      const update = async (ifMatch: string, args = {}) => {
        const answer = await client.send({
          ...document,
          action: "update",
          args,
          body: { n: ifMatch },
          controller,
          http: { headers: { "if-match": ifMatch } },
        });
        return errorOf(answer);
      };

      assert.equal(await update('"1"'), null);
      assert.equal(await update('"7", "2"'), null);
      assert.equal(await update("*"), null);
      assert.equal(await update('"3"'), MISMATCH);
      assert.equal(await update('W/"4"'), MISMATCH);
      assert.equal(await update("4"), INVALID);
      assert.equal(await update('"4"', { ifVersion: 3 }), INVALID);
      assert.equal(await update('"4"', { ifVersion: 4 }), null);
      assert.equal((await documentOf(of(), document)).version, 5);
    });

    it("a PATCH is answered the version as ETag, a PUT is not", async () => {
      const client = await of().connect("http");
      const document = await stored(of(), target, "etag", {});
      const update = (method: string) =>
        client.send({
          ...document,
          action: "update",
          body: {},
          controller,
          http: { method },
        });

      assert.equal((await update("PATCH")).headers?.["etag"], '"2"');
      assert.equal((await update("PUT")).headers?.["etag"], undefined);
    });

    it("a missing document is answered 404, whatever version is required", async () => {
      const client = await of().connect("websocket");
      const answer = await client.send({
        ...target,
        _id: "missing",
        action: "update",
        args: { ifVersion: 1 },
        body: {},
        controller,
      });

      assert.equal(errorOf(answer), "404 services.storage.not_found");
      await client.close();
    });
  });
}
