import fc from "fast-check";

import type { ApiRequest } from "../support/request";

/** Names and strings that JavaScript or a parser may misinterpret. */
const odd = fc.constantFrom(
  ...["__proto__", "constructor", "toString", "", ".", "..", "\\", "a\\", " "],
  ...["NaN", "-Infinity", "1e309", "0x1", " 1", "1 ", "1.0", "null", "*"],
  ...["_kuzzle_info", "_id", "$set", "length", "\u0000", "\ud800"],
);
const numbers = fc.oneof(
  fc.integer({ max: 9, min: -9 }),
  fc.double(),
  fc.constantFrom(-0, 2 ** 53, -(2 ** 53), 1e308, Number.MIN_VALUE, NaN),
);
const anything = fc.anything({
  maxDepth: 3,
  maxKeys: 4,
  values: [numbers, odd, fc.string(), fc.boolean(), fc.constant(null)],
  key: fc.oneof(fc.string(), odd),
  withNullPrototype: false,
});
/** Mostly valid, sometimes arbitrary. */
const mostly = (right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ arbitrary: right, weight: 8 }, { arbitrary: anything, weight: 1 });

const path = fc.oneof(
  {
    arbitrary: fc.constantFrom("n", "a.b", "a", "tags", "text", "new", "x.y"),
    weight: 6,
  },
  { arbitrary: odd, weight: 1 },
  { arbitrary: fc.string(), weight: 1 },
);
const byPath = (operand: fc.Arbitrary<unknown>) =>
  mostly(fc.dictionary(path, mostly(operand), { maxKeys: 2, ...plain() }));
const paths = mostly(fc.array(mostly(path), { maxLength: 2 }));
const list = fc.array(anything, { maxLength: 3 });
const operators = fc.oneof(
  {
    arbitrary: fc
      .record(
        {
          append: byPath(list),
          increment: byPath(numbers),
          max: byPath(numbers),
          min: byPath(numbers),
          multiply: byPath(numbers),
          now: paths,
          prepend: byPath(list),
          remove: byPath(list),
          set: byPath(anything),
          union: byPath(list),
          unset: paths,
        },
        { requiredKeys: [] },
      )
      .map((all) => Object.fromEntries(Object.entries(all).slice(0, 2))),
    weight: 8,
  },
  {
    arbitrary: fc.dictionary(odd, anything, { maxKeys: 2, ...plain() }),
    weight: 1,
  },
);
const term = fc.record({ [String("n")]: mostly(numbers) });
const { condition } = fc.letrec((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    fc.record({ equals: term }),
    fc.record({ exists: mostly(path) }),
    fc.record({ in: fc.record({ n: mostly(fc.array(numbers)) }) }),
    fc.record({ range: fc.record({ n: fc.record({ lte: mostly(numbers) }) }) }),
    fc.record({ regexp: fc.record({ text: mostly(fc.string()) }) }),
    fc.record({ missing: mostly(path) }),
    fc.record({ not: mostly(tie("condition")) }),
    fc.record({ and: mostly(fc.array(tie("condition"), { maxLength: 3 })) }),
    fc.record({ or: mostly(fc.array(tie("condition"), { maxLength: 3 })) }),
    anything,
  ),
}));
const changes = fc.dictionary(fc.oneof(fc.string(), path, odd), anything, {
  maxKeys: 3,
  ...plain(),
});

const flag = fc.oneof(
  { arbitrary: fc.constantFrom(undefined, true), weight: 8 },
  { arbitrary: anything, weight: 1 },
);
const version = fc.oneof(
  { arbitrary: fc.constantFrom(undefined, 1, "1"), weight: 8 },
  { arbitrary: fc.oneof(odd, numbers, anything), weight: 2 },
);
const args = fc.record({
  dryRun: fc.oneof({ arbitrary: fc.constant(undefined), weight: 6 }, flag),
  ifVersion: version,
  requestKey: fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 6 },
    { arbitrary: fc.uuid(), weight: 3 },
    { arbitrary: anything, weight: 1 },
  ),
  skipUnchanged: flag,
});
const inHeader = fc.string({ unit: "grapheme-ascii" });
const headers = fc.record(
  {
    "idempotency-key": fc.oneof(fc.uuid(), inHeader),
    "if-match": fc.oneof(
      fc.constantFrom(
        '"1"',
        "*",
        'W/"1"',
        '"',
        ',,"1"',
        '"1',
        "1",
        "**",
        '"1" *',
      ),
      inHeader,
    ),
  },
  { requiredKeys: [] },
);

function plain() {
  return { noNullPrototype: true } as const;
}

/** Changes of a document with arguments that native `document:update` does not know. */
export const changeRequest: fc.Arbitrary<ApiRequest> = fc
  .record({
    args,
    asked: fc.oneof(
      fc.record({
        action: fc.constant("update"),
        body: mostly(changes),
        controller: fc.constantFrom("document", "document-update"),
      }),
      fc.record({
        action: fc.constant("modify"),
        body: mostly(
          fc.record(
            {
              changes: mostly(changes),
              condition,
              default: fc.option(mostly(changes), {
                freq: 3,
                nil: undefined,
              }),
              operators,
              steps: fc.option(
                mostly(
                  fc.array(
                    mostly(
                      fc.record(
                        { changes: mostly(changes), condition, operators },
                        { requiredKeys: [] },
                      ),
                    ),
                    { maxLength: 3 },
                  ),
                ),
                { freq: 1, nil: undefined },
              ),
            },
            { requiredKeys: [] },
          ),
        ),
        controller: fc.constant("document-update"),
      }),
    ),
    http: fc.oneof(
      { arbitrary: fc.constant({}), weight: 3 },
      { arbitrary: fc.record({ headers }), weight: 1 },
    ),
  })
  .map(({ args: all, asked, http }) => ({
    ...asked,
    args: Object.fromEntries(
      Object.entries(all).filter(([, value]) => value !== undefined),
    ),
    http,
  }));

const DEEP = 1_000;
const deepList: unknown = JSON.parse("[".repeat(DEEP) + "]".repeat(DEEP));
const deepObject: unknown = JSON.parse(
  `${'{"a":'.repeat(DEEP)}1${"}".repeat(DEEP)}`,
);
const deepFilter: unknown = JSON.parse(
  `${'{"not":'.repeat(DEEP)}{"exists":"n"}${"}".repeat(DEEP)}`,
);
const huge = "x".repeat(500_000);
const many = Object.fromEntries(
  Array.from({ length: 5_000 }, (_, n) => [`f${n}`, 1]),
);
const proto: unknown = JSON.parse('{"__proto__":{"n":1}}');

const modify = (body: unknown): ApiRequest => ({
  action: "modify",
  body,
  controller: "document-update",
});

/** What generators do not produce: too deep, too large, too many. */
export const monsters: readonly ApiRequest[] = [
  ...[deepList, deepObject, huge, many, proto].flatMap((value) => [
    modify({ changes: value }),
    modify({ changes: { n: value } }),
    modify({ operators: value }),
    modify({ operators: { increment: value } }),
    modify({ operators: { increment: { n: value } } }),
    modify({ operators: { append: { tags: [value] } } }),
    modify({ operators: { remove: { tags: [value] } } }),
    modify({ operators: { unset: [value] } }),
    modify({ condition: value }),
    modify({ condition: { equals: value } }),
    modify({ condition: { equals: { n: value } } }),
    modify({ condition: { in: { n: [value] } } }),
    ...["document", "document-update"].map((controller) => ({
      action: "update",
      args: { skipUnchanged: true },
      body: { n: value },
      controller,
    })),
  ]),
  modify({ condition: deepFilter }),
  modify({ condition: { regexp: { text: "(x+x+)+y" } } }),
  modify({
    operators: { increment: { [Array(5_000).fill("a").join(".")]: 1 } },
  }),
  modify({ operators: { now: Object.keys(many) } }),
];
