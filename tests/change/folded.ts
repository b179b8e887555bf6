import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import { statsOf } from "../contention/setting";
import type { ApiRequest } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import { documentOf, errorOf, sendAll, stored } from "./setting";

const CLIENTS = 64;
const REQUESTS = 480;

const requests = (request: (n: number) => ApiRequest) =>
  Array.from({ length: REQUESTS }, (_, n) => request(n));

/** @param of an application where nothing listens to `generic:document:injectMetadata` */
export function folded(of: () => TestApplication): void {
  const modify = (document: JSONObject, body: JSONObject) => ({
    ...document,
    action: "modify",
    body,
    controller: "document-update",
  });

  describe("modifications in a collection that is folded", () => {
    it("count each increment once with fewer writes, beside plain updates", async () => {
      const target = await of().createCollection("fold-counters");
      const document = await stored(of(), target, "counter", { count: 0 });
      const { folds: before } = await statsOf(of());
      const isPlain = (n: number) => n % 8 === 7;
      const increment = modify(document, {
        operators: { increment: { count: 1 } },
      });

      const answers = await sendAll(
        of(),
        CLIENTS,
        requests((n) =>
          isPlain(n)
            ? {
                ...increment,
                action: "update",
                body: { [`plain-${n % 64}`]: n },
              }
            : increment,
        ),
      );

      assert.deepEqual(
        answers.map((body) => errorOf({ body })).filter(Boolean),
        [],
      );
      const values = answers.flatMap(({ result }, n) =>
        isPlain(n) ? [] : [Number(result._source.count)],
      );
      assert.deepEqual(
        values.sort((one, other) => one - other),
        values.map((_, n) => n + 1),
      );
      const { content, version } = await documentOf(of(), document);
      assert.equal(content["count"], values.length);
      assert.ok(version < REQUESTS / 2, `${version} versions`);
      const { folds } = await statsOf(of());
      assert.ok(folds.count > before.count, "nothing was folded");
    });

    it("fail alone, and nothing of the failed ones is stored", async () => {
      const target = await of().createCollection("fold-failing", {
        mappings: {
          dynamic: "strict",
          properties: {
            count: { type: "integer" },
            name: { type: "keyword" },
            small: { type: "byte" },
          },
        },
      });
      const document = await stored(of(), target, "counter", { count: 0 });
      const kinds: readonly ((n: number) => readonly [JSONObject, RegExp])[] = [
        (n) => [
          { operators: { append: { count: [n] } } },
          /^400 plugin\.document-update\.operator_type: .*"count"/,
        ],
        (n) => [
          { changes: { [`unknown-${n}`]: n } },
          new RegExp(`^400 services\\.storage\\.\\w+: .*unknown-${n}\\b`),
        ],
        (n) => [
          {
            changes: { small: 1_000 + n },
            operators: { increment: { count: 1 } },
          },
          /^400 services\.storage\.\w+: /,
        ],
        () => [
          {
            condition: { equals: { name: "other" } },
            operators: { increment: { count: 1 } },
          },
          /^412 plugin\.document-update\.condition_not_met: /,
        ],
      ];
      const bad = (n: number) =>
        n % 40 === 0 ? kinds[(n / 40) % kinds.length]?.(n) : undefined;

      const answers = await sendAll(
        of(),
        CLIENTS,
        requests((n) =>
          modify(
            document,
            bad(n)?.[0] ?? { operators: { increment: { count: 1 } } },
          ),
        ),
      );

      for (const [n, { error }] of answers.entries()) {
        const expected = bad(n)?.[1];
        if (expected) {
          assert.match(
            `${error?.status} ${error?.id}: ${error?.message}`,
            expected,
          );
        } else {
          assert.equal(error, null);
        }
      }
      const { content } = await documentOf(of(), document);
      assert.deepEqual(content, { count: REQUESTS - REQUESTS / 40 });
    });
  });
}
