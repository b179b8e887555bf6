import fc from "fast-check";
import type { JSONObject } from "kuzzle-sdk";

import { aDocument, NAMES } from "./aDocument";
import {
  applyPlainly,
  isContradictory,
  isExact,
  type Modification,
  type Step,
} from "./applyPlainly";

/** A step of a modification, and the field that must be there, or not, for it to apply. */
interface ConditionalStep {
  readonly condition?: Readonly<Record<"exists" | "missing", string>>;
  readonly modification: Modification;
}

export interface SteppedCase {
  readonly content: JSONObject;
  /** Whether the document exists, or its content is the `default` of the request. */
  readonly isStored: boolean;
  readonly steps: readonly ConditionalStep[];
}

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

const conditionalStep = fc.record(
  {
    condition: fc.oneof(
      fc.record({ exists: fc.constantFrom("a", "b", "toString") }),
      fc.record({ missing: fc.constantFrom("a", "b", "toString") }),
    ) as fc.Arbitrary<never>,
    modification,
  },
  { requiredKeys: ["modification"] },
);
export const steppedCases: fc.Arbitrary<SteppedCase> = fc
  .record({
    content: aDocument(),
    isStored: fc.boolean(),
    steps: fc.array(conditionalStep, { maxLength: 4, minLength: 1 }),
  })
  // What storage cannot hold exactly is the matter of other tests; the time of a creation is Kuzzle's own.
  .filter(
    (each) =>
      isExact(each) &&
      (each.isStored || !JSON.stringify(each).includes('"now"')),
  );

/** What a document should be after some steps, one by one, and which of them apply. */
export function applyOneByOne(
  { content, steps }: SteppedCase,
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
  { exists, missing }: NonNullable<ConditionalStep["condition"]>,
  document: JSONObject,
): boolean {
  const name = exists ?? missing;
  // Koncorde takes an object without values for missing no more than one with some.
  return Object.hasOwn(document, name) === (exists !== undefined);
}

/** The body of the request of some steps. */
export function bodyOfSteps(steps: readonly ConditionalStep[]): JSONObject {
  return {
    steps: steps.map(({ condition, modification }) => ({
      ...(condition && { condition }),
      ...bodyOf(modification),
    })),
  };
}
