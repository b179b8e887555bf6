import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import fc from "fast-check";
import type { JSONObject } from "kuzzle-sdk";

import { aDocument } from "../support/aDocument";
import type { TestApplication } from "../support/TestApplication";
import {
  applyPlainly,
  isContradictory,
  isExact,
  type Modification,
} from "../support/applyPlainly";
import { ManyDocuments, type Stored } from "./ManyDocuments";
import { asStored, bodyOf, modification } from "./operators";

/** A step of a modification, and the field that must be there, or not, for it to apply. */
interface Step {
  readonly condition?: Readonly<Record<"exists" | "missing", string>>;
  readonly modification: Modification;
}

interface Case {
  readonly content: JSONObject;
  /** Whether the document exists, or its content is the `default` of the request. */
  readonly isStored: boolean;
  readonly steps: readonly Step[];
}

const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31);

const step = fc.record(
  {
    condition: fc.oneof(
      fc.record({ exists: fc.constantFrom("a", "b", "toString") }),
      fc.record({ missing: fc.constantFrom("a", "b", "toString") }),
    ) as fc.Arbitrary<never>,
    modification,
  },
  { requiredKeys: ["modification"] },
);
const cases: fc.Arbitrary<Case> = fc
  .record({
    content: aDocument(),
    isStored: fc.boolean(),
    steps: fc.array(step, { maxLength: 4, minLength: 1 }),
  })
  // What storage cannot hold exactly is the matter of other tests; the time of a creation is Kuzzle's own.
  .filter(
    (each) =>
      isExact(each) &&
      (each.isStored || !JSON.stringify(each).includes('"now"')),
  );

/** What a document should be after some steps, one by one, and which of them apply. */
function applyOneByOne(
  { content, steps }: Case,
  now: unknown,
): { readonly after: JSONObject | undefined; readonly applied: boolean[] } {
  let after = steps.some(({ modification }) => isContradictory(modification))
    ? undefined
    : content;
  const applied = steps.map(({ condition, modification }) => {
    if (!after || (condition && !holds(condition, after))) {
      return false;
    }
    after = applyPlainly(after, modification, now);
    return true;
  });

  return { after, applied };
}

function holds(
  { exists, missing }: NonNullable<Step["condition"]>,
  document: JSONObject,
): boolean {
  const name = exists ?? missing;
  // Koncorde takes an object without values for missing no more than one with some.
  return Object.hasOwn(document, name) === (exists !== undefined);
}

/** @param count of documents */
export function steps(of: () => TestApplication, count: number): void {
  describe(`steps on ${count} documents, half of which do not exist (seed ${seed})`, () => {
    const all = fc.sample(cases, { numRuns: count, seed });
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
            steps: steps.map(({ condition, modification }) => ({
              ...(condition && { condition }),
              ...bodyOf(modification),
            })),
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
