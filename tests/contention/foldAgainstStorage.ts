import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";
import type { JSONObject } from "kuzzle-sdk";

import type { TestApplication } from "../support/TestApplication";
import { elasticsearch } from "./elasticsearch";
import { Flock } from "./Flock";
import { statsOf } from "./setting";

const seed = Number(process.env["FOLD_SEED"] ?? Date.now() % 2 ** 31);
const RUNS = 40;

/**
 * Keys of changes: few, so that the same ones are written again and again.
 *
 * Not among them: "__proto__". Kuzzle's Elasticsearch client refuses to read a document that has it,
 * so that natively its updates fail ever after.
 */
const KEYS = ["a", "b", "a.b", "hasOwnProperty", "toString"];

const { changes } = fc.letrec<{ changes: JSONObject; value: unknown }>(
  (tie) => ({
    changes: fc
      .uniqueArray(fc.tuple(fc.constantFrom(...KEYS), tie("value")), {
        maxLength: 3,
        selector: ([key]) => key,
      })
      .map((entries): JSONObject => Object.fromEntries(entries)),
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(null, true, 0, 1.5, "text", [], {}, [null, { a: [1] }]),
      tie("changes"),
      tie("changes"),
    ),
  }),
);

export function foldAgainstStorage(of: () => TestApplication): void {
  it(`folds updates as Elasticsearch stores them one after another, of seed ${seed}`, async () => {
    const flock = await Flock.of(of(), "fold-any", 0);
    const store = (_id: string, api: string, body?: JSONObject) =>
      elasticsearch(
        flock.target,
        { _doc: "PUT", _update: "POST" }[api] ?? "GET",
        `${api}/${_id}`,
        body,
      );
    /** A document as JSON, in an order of keys that does not depend on that of writing. */
    const contentOf = async (_id: string) => {
      const source = await store(_id, "_source");
      delete source["_kuzzle_info"];
      return JSON.stringify(sorted(source));
    };
    const { folds: before } = await statsOf(of());
    let documents = 0;

    const property = fc.asyncProperty(
      changes,
      fc.array(changes, { maxLength: 10, minLength: 2 }),
      async (source, bodies) => {
        const reference = `document-${++documents}`;
        const folded = `${reference}-folded`;
        await Promise.all(
          [reference, folded].map((_id) => store(_id, "_doc", source)),
        );

        const answers = await Promise.all(
          bodies.map((body) => flock.update(folded, body)),
        );
        for (const doc of bodies) {
          await store(reference, "_update", { doc });
        }

        assert.ok(answers.every(({ error }) => error === null));
        assert.equal(await contentOf(folded), await contentOf(reference));
      },
    );
    await fc.assert(property, { numRuns: RUNS, seed });

    const { folds } = await statsOf(of());
    await flock.close();
    const count = folds.count - before.count;
    assert.ok(count >= RUNS / 2, `${count} folds`);
    assert.ok(folds.sum - before.sum > 2 * count, "folds of but two");
  });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value).sort(([one], [other]) =>
    one < other ? -1 : 1,
  );

  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}
