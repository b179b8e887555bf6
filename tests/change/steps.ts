import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import fc from "fast-check";
import type { JSONObject } from "kuzzle-sdk";

import type { TestApplication } from "../support/TestApplication";
import {
  applyOneByOne,
  asStored,
  bodyOfSteps,
  steppedCases,
} from "../support/modifications";
import { ManyDocuments, type Stored } from "./ManyDocuments";

const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31);

/** @param count of documents */
export function steps(of: () => TestApplication, count: number): void {
  describe(`steps on ${count} documents, half of which do not exist (seed ${seed})`, () => {
    const all = fc.sample(steppedCases, { numRuns: count, seed });
    let answers: readonly JSONObject[];
    let stored: readonly (Stored | undefined)[];

    before(async () => {
      const documents = await ManyDocuments.store(
        of(),
        "steps",
        all.map(({ content, isStored }) => (isStored ? content : undefined)),
      );
      answers = await documents.send((n) => {
        const { content, isStored, steps } = all[n]!;
        return {
          action: "modify",
          body: {
            ...(!isStored && { default: content }),
            ...bodyOfSteps(steps),
          },
          controller: "document-update",
        };
      });
      stored = await documents.read();
    });

    it("store what the steps do one by one, and tell which of them applied", () => {
      const wrong: unknown[] = [];
      for (const [n, each] of all.entries()) {
        const { content: after, metadata } = stored[n] ?? {};
        const { error, result } = answers[n]!;
        const wanted = applyOneByOne(each, metadata?.["updatedAt"] ?? 0);
        const before = each.isStored ? each.content : undefined;
        try {
          assert.equal(error !== null, wanted.after === undefined);
          assert.deepEqual(
            after,
            wanted.after ? asStored(wanted.after) : before && asStored(before),
          );
          if (error === null) {
            assert.deepEqual(result.steps, wanted.applied);
            const isCreated = each.isStored ? undefined : true;
            assert.equal(result.created, isCreated);
            const isWritten = !each.isStored || wanted.applied.includes(true);
            assert.equal(
              result._version,
              each.isStored && isWritten ? 2 : 1,
              "its version",
            );
          }
        } catch (failure) {
          wrong.push(
            JSON.stringify({ ...each, after, error, failure, wanted }),
          );
        }
      }
      assert.deepEqual(wrong.slice(0, 3), []);
    });

    it("are refused in a part of the cases only", () => {
      const done = answers.filter(({ error }) => error === null);
      assert.ok(done.length > count / 4, `${done.length} done`);
      const applied = done.map(({ result }) => result.steps as boolean[]);
      assert.ok(applied.some((each) => each.includes(false)));
      assert.ok(applied.some((each) => !each.includes(true)));
    });
  });
}
