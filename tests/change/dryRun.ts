import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { Subscriber } from "../contention/Subscriber";
import type { TestApplication } from "../support/TestApplication";
import { documentOf, probe, send, stored } from "./setting";

export function dryRun(of: () => TestApplication): void {
  describe("dryRun", () => {
    for (const [action, body] of [
      ["update", { n: 2 }],
      ["modify", { operators: { increment: { n: 1 }, unset: ["gone"] } }],
    ] as const) {
      it(`of ${action} answers what would be stored, and stores, notifies and tells nothing`, async () => {
        const target = await of().createCollection(`dry-${action}`);
        const content = { gone: 1, n: 1 };
        const document = await stored(of(), target, "dry", content);
        const subscriber = await Subscriber.of(target, of().port);
        const requestId = `dry-${action}`;
        await probe(of(), "arm", requestId);

        const { error, result } = await send(of(), {
          ...document,
          action,
          args: { dryRun: true, source: true },
          body,
          requestId,
        });

        assert.equal(error, null);
        assert.equal(result._source.n, 2);
        assert.equal(result._version, 1);
        assert.equal("gone" in result._source, action === "update");
        assert.deepEqual(
          result._updatedFields,
          action === "update" ? ["n"] : ["n", "gone"],
        );
        assert.deepEqual(await documentOf(of(), document), {
          content,
          version: 1,
        });
        assert.deepEqual(await subscriber.told(), []);
        const seen = (await probe(of(), "collect", requestId)) as unknown as {
          event: string;
        }[];
        const events = seen.map(({ event }) => event);
        assert.ok(events.includes("document:beforeUpdate"));
        assert.ok(
          !events.some((event) => /document:(after|error)/.test(event)),
        );
        await subscriber.close();
      });
    }
  });
}
