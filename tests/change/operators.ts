import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import fc from "fast-check";
import type { JSONObject } from "kuzzle-sdk";

import { aDocument, NAMES } from "../support/aDocument";
import type { TestApplication } from "../support/TestApplication";
import {
  applyPlainly,
  type Modification,
  type Step,
} from "../support/applyPlainly";
import { ManyDocuments, type Stored } from "./ManyDocuments";

/** Part of the documents that are to be changed, the others being refused; and by each operator. */
const CHANGED = 1 / 3;
const CHANGED_BY_EACH = 1 / 60;

const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31);

const aNumber = fc.oneof(
  fc.integer({ max: 1e6, min: -1e6 }),
  fc.constantFrom(0.1, -2.5, 2 ** 53 - 1),
);
const aList = fc.array(
  fc.oneof(
    fc.integer({ max: 3, min: 0 }),
    fc.constantFrom(null, "text", true),
    aDocument(),
  ),
  { maxLength: 3 },
);
const names = fc.array(fc.constantFrom(...NAMES), {
  maxLength: 3,
  minLength: 1,
});
const on = (operators: readonly string[], operand: fc.Arbitrary<unknown>) =>
  fc.record({ names, operand, operator: fc.constantFrom(...operators) });
const step: fc.Arbitrary<Step> = fc.oneof(
  on(["increment", "multiply", "min", "max"], aNumber),
  on(["append", "prepend", "union", "remove"], aList),
  on(["set"], fc.oneof(aDocument(), aNumber, aList)),
  fc.record({ names, operator: fc.constantFrom("now", "unset") }),
);
export const modification: fc.Arbitrary<Modification> = fc.record({
  changes: fc.oneof({ arbitrary: fc.constant({}), weight: 3 }, aDocument()),
  steps: fc
    .array(step, { maxLength: 3, minLength: 1 })
    .filter((steps) => !repeatsItself(steps)),
});

/** The body of the request: operators by name, then by path. */
export function bodyOf({ changes, steps }: Modification): JSONObject {
  const operators: Record<string, string[] | JSONObject> = {};
  for (const { names, operand, operator } of steps) {
    const path = names.map((name) => name.replace(/[\\.]/g, "\\$&")).join(".");
    const paths = (operators[operator] ??= operand === undefined ? [] : {});
    if (Array.isArray(paths)) {
      paths.push(path);
    } else {
      paths[path] = operand;
    }
  }

  return { changes, operators };
}

/** JSON knows no -0. */
export function asStored(document: JSONObject): JSONObject {
  return JSON.parse(JSON.stringify(document)) as JSONObject;
}

/** Whether one operator is on one field twice: as a key of JSON, it is there once. */
function repeatsItself(steps: readonly Step[]): boolean {
  const keys = steps.map(({ names, operator }) =>
    JSON.stringify([operator, names]),
  );

  return new Set(keys).size < keys.length;
}

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
