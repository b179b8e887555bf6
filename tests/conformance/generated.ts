import fc from "fast-check";

import type { ConformanceCase } from "./ConformanceCase";

const key = fc.oneof(
  {
    arbitrary: fc.constantFrom(
      "count",
      "state",
      "nested",
      "list",
      "a",
      "_kuzzle_info",
      "x.y",
    ),
    weight: 3,
  },
  {
    arbitrary: fc.string({ maxLength: 8, minLength: 1, unit: "grapheme" }),
    weight: 1,
  },
);
const leaf = fc.oneof(
  fc.string({ maxLength: 20, unit: "grapheme" }),
  fc.integer(),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.boolean(),
  fc.constant(null),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const body = fc.dictionary(key, value, { maxKeys: 6, noNullPrototype: true });
/** Before Kuzzle 2.49, a document that is created with other metadata than Kuzzle's is refused. */
function withoutMetadata(document: object): object {
  return Object.fromEntries(
    Object.entries(document).filter(([name]) => name !== "_kuzzle_info"),
  );
}

/** Elasticsearch stores no document that has a blank between, before or after the dots of a name. */
function isStorable(value: unknown): boolean {
  return (
    typeof value !== "object" ||
    value === null ||
    Object.entries(value).every(
      ([name, each]) =>
        (Array.isArray(value) ||
          name.split(".").every((part) => part.trim() !== "")) &&
        isStorable(each),
    )
  );
}
const maybe = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.option(arbitrary, { freq: 2, nil: undefined });

const conformanceCase: fc.Arbitrary<ConformanceCase> = fc.record({
  caller: fc.constantFrom("author", "anonymous"),
  collection: fc.constant("loose"),
  document: fc.oneof(
    { arbitrary: body.map(withoutMetadata).filter(isStorable), weight: 6 },
    { arbitrary: fc.constant(null), weight: 1 },
  ),
  name: fc.constant(""),
  pipes: fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 3 },
    {
      arbitrary: fc.record({
        "document:beforeUpdate": fc.record({
          set: fc.record({ "input.body": body }),
        }),
      }),
      weight: 1,
    },
    {
      arbitrary: fc.record({
        "document:afterUpdate": fc.record({
          result: value.filter((each) => each !== undefined),
        }),
      }),
      weight: 1,
    },
  ),
  request: fc.record(
    {
      args: fc.record(
        {
          refresh: fc.constantFrom("wait_for", "false"),
          retryOnConflict: fc.nat(10),
          silent: fc.constant(true),
          source: fc.constant(true),
        },
        { requiredKeys: [] },
      ),
      body,
      volatile: maybe(
        fc.dictionary(fc.string({ maxLength: 6, minLength: 1 }), leaf, {
          maxKeys: 3,
          noNullPrototype: true,
        }),
      ).map((each) => each),
    },
    { requiredKeys: ["args", "body"] },
  ),
});

/**
 * Cases that nobody thought of. The same seed makes the same cases.
 *
 * @param seed printed by the suite; CONFORMANCE_SEED sets it
 */
export function generate(seed: number, count: number): ConformanceCase[] {
  return fc
    .sample(conformanceCase, { numRuns: count, seed })
    .map((each, position) => ({
      ...each,
      name: `generated ${position + 1} of seed ${seed}`,
    }));
}
