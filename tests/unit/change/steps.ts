import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";
import type { JSONObject } from "kuzzle";

import { mergeChanges, wholeDocument } from "../../../lib/change/merge";
import { MAX_STEPS, readModification } from "../../../lib/change/modification";
import { frozen } from "../../support/aDocument";
import {
  applyOneByOne,
  asStored,
  bodyOfSteps,
  steppedCases,
} from "../../support/modifications";
import { refusal } from "../../support/refusal";

const NOW = 1_700_000_000_000;

/** Modifies a document whose `_id` is "a". */
function read(body: unknown) {
  const { apply, ...rest } = readModification(frozen(body as object));
  const target = { _id: "a", collection: "taxis", index: "iot" };

  return {
    ...rest,
    apply: (source: JSONObject, now: number) =>
      apply({ ...target, source }, now),
  };
}

/** The document as it would be stored, and which steps applied. */
async function stored(source: JSONObject, body: JSONObject) {
  const { apply } = read(body);
  const { body: changes, steps, unset } = await apply(frozen(source), NOW);
  const after =
    unset.length > 0
      ? wholeDocument(source, changes, unset)
      : mergeChanges(source, changes);

  return { after: asStored(after), steps };
}

it("stores by one write what the steps make one by one, and tells which applied", async () => {
  const outcomes = { changed: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(steppedCases, async (each) => {
      const { content, steps } = each;
      const { after, applied } = applyOneByOne(each, NOW);
      if (after === undefined) {
        await assert.rejects(
          stored(content, bodyOfSteps(steps)),
          ({ id }: { readonly id: string }) =>
            /\.(operator_\w+|unset_refused)$/.test(id),
        );
        outcomes.refused++;
        return;
      }
      assert.deepEqual(await stored(content, bodyOfSteps(steps)), {
        after: asStored(after),
        steps: applied,
      });
      outcomes.changed++;
    }),
    { numRuns: 1_500 },
  );

  assert.ok(outcomes.refused > 100 && outcomes.changed > 100);
});

it("replaces an object as a whole, and says which of its fields go", async () => {
  const source = { a: { b: 1, c: { d: 2, e: 3 }, f: [1] } };

  const set = { a: { c: { e: 4 }, f: { g: 5 } } };
  const { body, unset } = await read({ operators: { set } }).apply(source, NOW);

  assert.deepEqual(unset, [
    ["a", "b"],
    ["a", "c", "d"],
  ]);
  assert.deepEqual(body, {
    a: { b: null, c: { d: null, e: 4 }, f: { g: 5 } },
  });
});

it("lets a step set what one before it has removed, or put an object in place of a value", async () => {
  const { after } = await stored(
    { a: { b: 1, c: 2 } },
    {
      steps: [
        { operators: { unset: ["a.b"] } },
        { changes: { a: 1 } },
        { operators: { set: { a: { b: { d: 3 } } } } },
      ],
    },
  );

  assert.deepEqual(after, { a: { b: { d: 3 } } });
});

it("gives conditions the document as the steps before leave it, and its _id", async () => {
  const { after, steps } = await stored(
    { n: 1 },
    {
      steps: [
        { changes: { n: 2 }, condition: { equals: { n: 1 } } },
        { changes: { n: 3 }, condition: { equals: { n: 1 } } },
        { changes: { m: 4 }, condition: { equals: { _id: "a" } } },
      ],
    },
  );

  assert.deepEqual(after, { m: 4, n: 2 });
  assert.deepEqual(steps, [true, false, true]);
});

it("refuses steps that are none, and says in which it is", async () => {
  const step = `one of the keys changes, condition, operators`;
  for (const [body, props, where] of [
    [{ steps: {} }, ["steps", "an array of at most 100 steps", "an object"]],
    [
      { steps: Array(MAX_STEPS + 1).fill({}) },
      ["steps", "an array of at most 100 steps", "101"],
    ],
    [
      { changes: {}, steps: [] },
      ["body", 'either "steps" or "changes"', "both"],
    ],
    [
      { operators: {}, steps: [] },
      ["body", 'either "steps" or "operators"', "both"],
    ],
    [{ default: [] }, ["default", "an object", "an array"]],
    [{ steps: [{}, 1] }, ["step", "an object", "a number"], 1],
    [{ steps: [{ steps: [] }] }, ["step", step, "'steps'"], 0],
    [{ steps: [{ changes: 1 }] }, ["changes", "an object", "a number"], 0],
  ] as [unknown, string[], number?][]) {
    assert.throws(
      () => read(body),
      (error: Error) => {
        const told = where !== undefined && `It is in "steps[${where}]".`;
        assert.equal(error.message.includes(told || "steps["), Boolean(told));
        return refusal("invalid_argument", ...props)(error as never);
      },
    );
  }
  for (const [step, id] of [
    [{ condition: { x: 1 } }, "invalid_condition"],
    [{ operators: { rename: {} } }, "invalid_operators"],
    [{ operators: { set: { "a..b": 1 } } }, "operator_path"],
  ] as const) {
    assert.throws(() => read({ steps: [step] }), {
      id: `plugin.document-update.${id}`,
      message: /It is in "steps\[0\]"\.$/,
    });
  }
  const { apply } = read({
    steps: [{ changes: { a: "x" } }, { operators: { increment: { a: 1 } } }],
  });
  await assert.rejects(async () => apply({}, NOW), {
    id: "plugin.document-update.operator_type",
    message: /It is in "steps\[1\]"\.$/,
  });
});

it("lets others run between steps that take long, and takes no more operators than one could", async () => {
  const devices = Array.from({ length: 20_000 }, (_, n) => ({ _id: n }));
  const steps = Array.from({ length: 4 }, (_, n) => ({
    operators: { union: { devices: [{ _id: -n - 1 }] } },
  }));
  let others = 0;
  const count = setInterval(() => others++, 0);

  const { body } = await read({ steps }).apply({ devices }, NOW);
  clearInterval(count);

  assert.equal((body["devices"] as unknown[]).length, 20_004);
  assert.ok(others > 0);
  const many = { now: Array.from({ length: 501 }, (_, n) => `field${n}`) };
  assert.throws(
    () => read({ steps: [{ operators: many }, { operators: many }] }),
    refusal("invalid_operators", "*", "at most 1000 paths in all", "1002"),
  );
});

it("is written alone where it removes fields, or depends on what each write changes", () => {
  const step = (more: object) => ({ steps: [{}, more] });
  for (const [body, needsOwnWrite] of [
    [step({ operators: { increment: { a: 1 } } }), false],
    [step({ operators: { set: { a: 1 } } }), true],
    [step({ operators: { unset: ["a"] } }), true],
    [step({ condition: { exists: "_kuzzle_info.updater" } }), true],
    [step({ condition: { exists: "a" } }), false],
    [{ condition: { exists: "_kuzzle_info.updater" } }, true],
  ] as const) {
    assert.equal(read(body).needsOwnWrite, needsOwnWrite, JSON.stringify(body));
  }
});
