import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { Subscriber } from "../contention/Subscriber";
import type { TestApplication } from "../support/TestApplication";
import { documentOf, send, stored } from "./setting";

const REFUSED = "plugin.document-update.unset_refused";

export function unset(of: () => TestApplication): void {
  describe("unset", () => {
    it("removes fields by the write that changes others, and tells of it", async () => {
      const target = await of().createCollection("unset");
      const document = await stored(of(), target, "fields", {
        a: { b: 1, c: 2 },
        draft: true,
        n: 1,
      });
      const subscriber = await Subscriber.of(target, of().port);

      const { error, result } = await send(of(), {
        ...document,
        action: "modify",
        args: { source: true },
        body: {
          changes: { m: 3 },
          operators: { increment: { n: 1 }, unset: ["draft", "a.b", "none"] },
        },
      });

      assert.equal(error, null);
      const content = { a: { c: 2 }, m: 3, n: 2 };
      const { _kuzzle_info, ...answered } = result._source;
      assert.deepEqual(answered, content);
      assert.equal(_kuzzle_info.updater, "-1");
      assert.deepEqual([...result._updatedFields].sort(), [
        "a.b",
        "draft",
        "m",
        "n",
      ]);
      assert.deepEqual(await documentOf(of(), document), {
        content,
        version: 2,
      });
      const [told, ...others] = await subscriber.told();
      assert.deepEqual(others, []);
      assert.equal("draft" in told!["result"]._source, false);
      assert.deepEqual([...told!["result"]._updatedFields].sort(), [
        "a.b",
        "draft",
        "m",
        "n",
      ]);
      await subscriber.close();
    });

    it("is refused where a specification needs the field", async () => {
      const target = await of().createCollection("specified");
      const field = (more: object) => ({ type: "integer", ...more });
      await of().stage.call({
        ...target,
        action: "updateSpecifications",
        body: {
          fields: {
            byDefault: field({ defaultValue: 7 }),
            free: field({}),
            mustBe: field({ mandatory: true }),
            // Kuzzle itself takes such a default for none.
            zero: field({ defaultValue: 0, mandatory: true }),
            object: {
              type: "object",
              typeOptions: { strict: false },
            },
            "object/in": field({}),
          },
          strict: false,
        },
        controller: "collection",
      });
      const content = {
        byDefault: 1,
        free: 1,
        mustBe: 1,
        object: { in: 1 },
        zero: 1,
      };
      const document = await stored(of(), target, "specified", content);
      const remove = (field: string) =>
        send(of(), {
          ...document,
          action: "modify",
          body: {
            // An update is validated by itself, as natively.
            changes: { mustBe: 1, zero: 1 },
            operators: { unset: [field] },
          },
        });

      for (const field of ["byDefault", "object"]) {
        assert.equal((await remove(field))["error"]?.id, REFUSED, field);
      }
      for (const field of ["mustBe", "zero"]) {
        const { error } = await send(of(), {
          ...document,
          action: "modify",
          body: { operators: { unset: [field] } },
        });
        assert.equal(error?.id, REFUSED, field);
      }
      assert.deepEqual(await documentOf(of(), document), {
        content,
        version: 1,
      });
      assert.equal((await remove("free"))["error"], null);
      const left = { byDefault: 1, mustBe: 1, object: { in: 1 }, zero: 1 };
      assert.deepEqual((await documentOf(of(), document)).content, left);
    });

    it("is refused in a collection with an ingest pipeline", async () => {
      const target = await of().createCollection("piped", {
        settings: { default_pipeline: "none-such" },
      });
      const document = { ...target, _id: "piped" };
      // A pipeline that is not there refuses whatever would pass through it.
      await fetch(
        `${of().elasticsearchUrl}/${encodeURIComponent(`@&${target.index}.${target.collection}`)}/_doc/piped?pipeline=_none&refresh=true`,
        {
          body: JSON.stringify({ draft: true }),
          headers: { "content-type": "application/json" },
          method: "PUT",
        },
      );

      const { error } = await send(of(), {
        ...document,
        action: "modify",
        body: { operators: { unset: ["draft"] } },
      });

      assert.equal(error?.id, REFUSED);
      assert.equal((await documentOf(of(), document)).version, 1);
    });
  });
}
