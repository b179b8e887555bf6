import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";

import fc from "fast-check";
import type { JSONObject } from "kuzzle-sdk";

import { aDocument } from "../support/aDocument";
import type { TestApplication } from "../support/TestApplication";
import { ManyDocuments, type Stored } from "./ManyDocuments";

const PAIRS = 600;

const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31);

/**
 * What the plugin says that an update would store, against what `document:update` then stores.
 *
 * @param args of that `document:update`, where it is intercepted
 */
export function merges(
  way: string,
  of: () => TestApplication,
  args: JSONObject = {},
): void {
  describe(`merges of ${PAIRS} documents and changes, ${way} (seed ${seed})`, () => {
    const pairs = fc.sample(
      fc.oneof(
        fc.tuple(aDocument(), aDocument()),
        // Where nothing changes, too.
        aDocument().map((document) => [document, document] as const),
      ),
      { numRuns: PAIRS, seed },
    );
    let told: readonly JSONObject[];
    let stored: readonly Stored[];

    before(async () => {
      const documents = await ManyDocuments.store(
        of(),
        "merges",
        pairs.map(([document]) => document),
      );
      const update = (n: number) => ({ action: "update", body: pairs[n]![1] });
      told = await documents.send((n) => ({
        ...update(n),
        args: { dryRun: true, source: true },
        controller: "document-update",
      }));
      const done = await documents.send((n) => ({
        ...update(n),
        args,
        controller: "document",
      }));
      assert.deepEqual(
        [...told, ...done].filter(({ error }) => error !== null),
        [],
      );
      stored = await documents.read();
    });

    it("are those of storage", () => {
      for (const [n, { content }] of stored.entries()) {
        const source = told[n]!["result"]._source;
        delete source._kuzzle_info;
        assert.deepEqual(source, content, JSON.stringify(pairs[n]));
      }
    });

    it("are reported as unchanged if storage would not change the document", () => {
      let unchanged = 0;
      for (const [n, [document]] of pairs.entries()) {
        const isUnchanged = told[n]!["result"]._updatedFields.length === 0;
        assert.equal(
          isUnchanged,
          isDeepStrictEqual(stored[n]!.content, document),
        );
        unchanged += Number(isUnchanged);
      }
      assert.ok(unchanged > PAIRS / 4 && unchanged < PAIRS);
    });
  });
}
