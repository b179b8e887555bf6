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

    it("is refused where the document cannot be written back as it was", async () => {
      const target = await of().createCollection("inexact", {
        mappings: { dynamic: "false" },
      });
      const document = await stored(of(), target, "large", {
        draft: true,
        large: 2 ** 60,
      });

      const { error } = await send(of(), {
        ...document,
        action: "modify",
        body: { operators: { unset: ["draft"] } },
      });

      assert.equal(error.id, REFUSED);
      assert.equal((await documentOf(of(), document)).version, 1);
    });
  });
}
