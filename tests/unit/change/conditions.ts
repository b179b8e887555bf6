import assert from "node:assert/strict";
import { it } from "node:test";

import { Koncorde } from "koncorde";
import type { JSONObject, KuzzleError } from "kuzzle";

import { checkCondition, Conditions } from "../../../lib/change/conditions";

const conditions = new Conditions(() => Koncorde);
const target = { _id: "id", collection: "c", index: "i" };

const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    const { id, message, status } = error as KuzzleError;
    assert.equal(id, "plugin.document-update.invalid_condition");
    assert.equal(status, 400);
    return message.replace("Invalid condition: ", "");
  }
  return "accepted";
};
const read = (filter: unknown) => refusal(() => conditions.read(filter));

const nested = (depth: number, innermost: unknown): unknown => {
  let value = innermost;
  for (let level = 0; level < depth; level++) {
    value = { not: value };
  }
  return value;
};

it("checks a document, and reveals only which one does not match", () => {
  const condition = conditions.read({ equals: { secret: "a" } });

  checkCondition(condition, target, { secret: "a" });
  assert.throws(
    () => checkCondition(condition, target, { secret: "b" }),
    ({ id, message, props, status }: KuzzleError) => {
      assert.equal(id, "plugin.document-update.condition_not_met");
      assert.equal(status, 412);
      assert.deepEqual(props, ["i", "c", "id"]);
      assert.equal(
        message,
        'The document "i/c/id" does not meet the condition of the request.',
      );
      return true;
    },
  );
});

it("knows the document's own identifier, as Kuzzle's subscriptions do", () => {
  checkCondition(conditions.read({ ids: { values: ["id"] } }), target, {});
  checkCondition(conditions.read({ equals: { _id: "id" } }), target, {
    _id: "another",
  });
});

it("refuses an invalid filter with Koncorde's own message", () => {
  for (const [filter, message] of [
    [{ foo: 1 }, '"foo": unknown keyword.'],
    [
      { equals: { a: 1 }, exists: "a" },
      "Invalid filter syntax. Filters must have one keyword only.",
    ],
    [{ and: [{ or: [{ equals: 1 }] }] }, '"and.or.equals": must be an object.'],
    [{ and: [{}] }, '"and": can only contain non-empty objects.'],
    [
      { regexp: { a: "(" } },
      '"regexp.a": cannot parse regexp expression "/(/undefined" (missing ): ().',
    ],
    [
      { regexp: { a: "(?=x)" } },
      '"regexp.a": cannot parse regexp expression "/(?=x)/undefined" (invalid perl operator: (?=).',
    ],
    [
      { in: { a: Array.from({ length: 51 }, String) } },
      "Filter too complex: exceeds the configured maximum number of conditions (conditions: 51, max: 50).",
    ],
  ] as const) {
    assert.equal(read(filter), message);
  }
});

it("shows no more than the beginning of a filter", () => {
  const long = "x".repeat(9_000);

  assert.ok(read({ geoDistance: { distance: long, p: [0, 0] } }).length < 400);
});

it("refuses what is no object", () => {
  for (const filter of [undefined, null, [], "{}", 1, true, () => 1]) {
    assert.equal(read(filter), "it must be an object.");
  }
});

it("refuses filters that make Koncorde throw", () => {
  for (const filter of [
    ...[
      { geoBoundingBox: { a: null } },
      { equals: null },
      { bool: { must: 1 } },
    ],
    ...[
      { geoDistance: { a: [0, 0], distance: "x" } },
      { select: { field: 1 } },
    ],
    ...[{ and: "ab" }, { not: [] }, { in: { a: [{}] } }, { range: { a: {} } }],
    { geoBoundingBox: { a: { bottom: 2, left: 0, right: 1, top: 1 } } },
  ]) {
    assert.notEqual(read(filter), "accepted", JSON.stringify(filter));
  }
});

it("refuses what goes too deep, or is too large, before Koncorde sees it", () => {
  const seen = new Conditions(
    () =>
      class extends Koncorde {
        override validate() {
          assert.fail("Koncorde has seen it");
        }
      },
  );
  const refused = (filter: unknown) => refusal(() => seen.read(filter));
  const size = "it may hold 200 values, in 20 levels.";
  const wide = { in: { a: Array.from({ length: 1_000_000 }, String) } };
  const regexp = { regexp: { a: "x" } };
  const pattern = '"regexp" may have 100 characters.';

  assert.equal(refused(nested(20, { exists: "a" })), size);
  assert.equal(refused(nested(100_000, {})), size);
  assert.equal(refused({ match: { a: nested(19, 1) } }), size);
  assert.equal(refused(wide), size);
  assert.equal(
    refused({ equals: { a: "x".repeat(10_000) } }),
    "it may have 10000 characters.",
  );
  assert.equal(
    refused({ and: [regexp, regexp, regexp, regexp] }),
    'it may hold 3 of "regexp".',
  );
  assert.equal(refused({ regexp: { a: "x".repeat(101) } }), pattern);
  assert.equal(refused({ regexp: { a: { value: "x".repeat(101) } } }), pattern);
  assert.equal(
    refused(JSON.parse('{"equals":{"__proto__":1}}')),
    'no field is called "__proto__".',
  );
});

it("accepts filters of the maximum size", () => {
  assert.equal(read(nested(18, { exists: "a" })), "accepted");
  assert.equal(read({ equals: { a: "x".repeat(9_900) } }), "accepted");
  assert.equal(read({ regexp: { a: "x".repeat(100) } }), "accepted");
  assert.equal(read({ equals: { regexp: "x".repeat(101) } }), "accepted");
  assert.equal(
    read({ and: Array.from({ length: 60 }, () => ({ equals: { a: 1 } })) }),
    "accepted",
  );
});

it("applies at once a filter that takes Koncorde a minute", () => {
  const lists = Array.from({ length: 30 }, (_, list) => ({
    in: { [`field${list}`]: ["a", "b"] },
  }));
  const condition = conditions.read({ and: lists });
  const document = Object.fromEntries(
    lists.map((_, list) => [`field${list}`, "b"]),
  );

  assert.equal(condition(document), true);
  assert.equal(condition({ ...document, field7: "c" }), false);
});

it("refuses shapes and points that would make Koncorde end the process", () => {
  for (const filter of [
    { geoDistance: { distance: "1m", p: [-180, 0] } },
    { geoDistance: { distance: "999999999999km", p: [0, 0] } },
    { geoDistanceRange: { from: "1m", p: [0, 1e300], to: "2m" } },
    { geoBoundingBox: { p: { bottom: 0, left: 0, right: 999, top: 1 } } },
    {
      geoPolygon: {
        p: {
          points: [
            [0, 0],
            [1, 1],
            [91, 0],
          ],
        },
      },
    },
  ]) {
    assert.match(read(filter), /is of no place on Earth/);
  }
  const near = conditions.read({ geoDistance: { distance: "1km", p: [0, 0] } });
  for (const p of [[91, 0], [0, "Infinity"], { lat: 0, lon: -1e300 }, 1, "x"]) {
    assert.equal(near({ p }), false);
  }
});

it("answers a client error if a filter cannot be applied to a document", () => {
  const regexp = conditions.read({ regexp: { a: "^x" } });
  let lists: unknown[] = [];
  for (let depth = 0; depth < 100_000; depth++) {
    lists = [lists];
  }

  assert.equal(regexp({ a: "x".repeat(1_000) }), true);
  assert.equal(
    refusal(() => regexp({ a: "x".repeat(1_001) })),
    '"regexp" takes texts of 1000 characters.',
  );
  assert.match(
    refusal(() =>
      conditions.read({ geoDistance: { distance: "1km", p: [0, 0] } })({
        p: [lists, 1],
      }),
    ),
    /call stack/,
  );
});

it("applies a condition to a document of any depth", () => {
  const deep = nested(100_000, { a: 1 }) as JSONObject;

  assert.equal(conditions.read({ exists: "not.not" })(deep), true);
  assert.equal(conditions.read({ equals: { "not.a": 1 } })(deep), false);
  assert.equal(conditions.read({ match: { not: { not: {} } } })(deep), true);
});

it("reads no filter again that it keeps, and 1,000 of them", () => {
  let reads = 0;
  const counting = new Conditions(
    () =>
      class extends Koncorde {
        override validate(filter: JSONObject) {
          reads++;
          super.validate(filter);
        }
      },
  );
  const filter = (a: number) => ({ equals: { a } });
  for (let a = 0; a < 1_000; a++) {
    counting.read(filter(a));
  }
  assert.equal(reads, 1_000);

  assert.equal(counting.read(filter(0)), counting.read(filter(0)));
  counting.read(filter(1_000));
  counting.read(filter(0));
  assert.equal(reads, 1_001);

  counting.read(filter(1));
  assert.equal(reads, 1_002);
});

it("is not affected by later changes of the filter object", () => {
  const filter = { equals: { a: 1 } };
  const condition = conditions.read(filter);
  filter.equals.a = 2;

  assert.equal(condition({ a: 1 }), true);
  assert.equal(conditions.read(filter)({ a: 1 }), false);
});
