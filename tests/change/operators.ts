import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import fc from "fast-check";
import type { JSONObject } from "kuzzle-sdk";

import { aDocument } from "../support/aDocument";
import type { TestApplication } from "../support/TestApplication";
import { applyPlainly, type Modification } from "../support/applyPlainly";
import { asStored, bodyOf, modification } from "../support/modifications";
import { ManyDocuments, type Stored } from "./ManyDocuments";

/** Part of the documents that are to be changed, the others being refused; and by each operator. */
const CHANGED = 1 / 3;
const CHANGED_BY_EACH = 1 / 60;

const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31);

/** @param count of documents */
export function operators(of: () => TestApplication, count: number): void {
  describe(`operators on ${count} documents (seed ${seed})`, () => {
    const cases = fc.sample(fc.tuple(aDocument(), modification), {
      numRuns: count,
      seed,
    });
    let answers: readonly JSONObject[];
    let stored: readonly Stored[];
    let changed: readonly Modification[];

    before(async () => {
      const documents = await ManyDocuments.store(
        of(),
        "operators",
        cases.map(([content]) => content),
      );
      answers = await documents.send((n) => ({
        action: "modify",
        body: bodyOf(cases[n]![1]),
        controller: "document-update",
      }));
      stored = await documents.read();
      changed = cases
        .filter((_, n) => answers[n]!["error"] === null)
        .map(([, modification]) => modification);
    });

    it("store what they should, and refuse what they should", () => {
      const wrong: unknown[] = [];
      for (const [n, [content, modification]] of cases.entries()) {
        const { content: after, metadata } = stored[n]!;
        const { error } = answers[n]!;
        const wanted = applyPlainly(
          content,
          modification,
          metadata["updatedAt"],
        );
        try {
          assert.equal(error !== null, wanted === undefined);
          assert.deepEqual(after, asStored(wanted ?? content));
        } catch {
          wrong.push({ after, content, error, modification, wanted });
        }
      }
      assert.deepEqual(wrong.slice(0, 3), []);
    });

    it("refuse by the errors of operators", () => {
      const errors = answers
        .map(({ error }) => error?.id as string | undefined)
        .filter((id) => id !== undefined);
      assert.deepEqual(
        errors.filter(
          (id) => !/(operator_(path|result|type)|unset_refused)$/.test(id),
        ),
        [],
      );
    });

    it("are refused in a small share of cases only", () => {
      assert.ok(changed.length >= count * CHANGED, `${changed.length} changed`);
      const by = new Map<string, number>();
      for (const { operator } of changed.flatMap(({ steps }) => steps)) {
        by.set(operator, (by.get(operator) ?? 0) + 1);
      }
      assert.equal(by.size, 11);
      assert.ok(Math.min(...by.values()) >= count * CHANGED_BY_EACH);
    });
  });
}
