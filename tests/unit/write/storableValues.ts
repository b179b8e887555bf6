import assert from "node:assert/strict";
import { it } from "node:test";

import { isStorable, type Mapping } from "../../../lib/write/storableValues";

const inField = (field: Mapping, value: unknown) =>
  isStorable({ properties: { field } }, ["field"], value);

const BY_TYPE: Readonly<
  Record<string, { sure: readonly unknown[]; unsure: readonly unknown[] }>
> = {
  boolean: { sure: [true, false], unsure: ["true", 1, "yes"] },
  byte: { sure: [127, -128], unsure: [128, -129, 1.5, "1"] },
  date: {
    sure: [0, 1_700_000_000_000],
    unsure: [-1, 1.5, 1e15, "2020-01-01", true],
  },
  double: { sure: [1.5, -1e300], unsure: [Infinity, NaN, "1.5"] },
  float: { sure: [1.5, -2e38], unsure: [3.5e38, NaN, "1.5", true] },
  geo_point: { sure: [], unsure: ["1,1", 1] },
  integer: { sure: [5, -(2 ** 31)], unsure: [2 ** 31, 5.5, "text", "5", true] },
  keyword: { sure: ["text", 5, true], unsure: ["x".repeat(10_923), NaN] },
  long: { sure: [2 ** 53 - 1], unsure: [2 ** 53, 1.5, "1"] },
  short: { sure: [32_767], unsure: [32_768, -32_769] },
  text: { sure: ["x".repeat(10_922), 1.5, false], unsure: [() => 1] },
};

for (const [type, { sure, unsure }] of Object.entries(BY_TYPE)) {
  it(`knows what a field of the type ${type} takes`, () => {
    for (const value of sure) {
      assert.ok(inField({ type }, value), String(value));
      assert.ok(inField({ type }, [value, value]), `[${String(value)}]`);
    }
    for (const value of unsure) {
      assert.ok(!inField({ type }, value), String(value));
      assert.ok(!inField({ type }, [sure[0], value]), `[${String(value)}]`);
    }
    assert.ok(inField({ type }, null));
    assert.ok(!inField({ type }, { a: 1 }));
  });
}

it("is not sure of a field with a parameter that it does not know", () => {
  const field = { ignore_above: 256, index: false, type: "keyword" };

  assert.ok(inField(field, "text"));
  assert.ok(!inField({ ...field, copy_to: "all" } as Mapping, "text"));
  assert.ok(!inField({ ...field, normalizer: "own" } as Mapping, "text"));
});

it("checks each of the fields that a value is stored in", () => {
  const field = (type: string) => ({ fields: { raw: { type } }, type: "text" });

  assert.ok(inField(field("keyword"), "text"));
  assert.ok(!inField(field("integer"), "text"));
});

it("is sure of an object if it is sure of its fields", () => {
  const properties = { n: { type: "integer" } };

  for (const object of [{ properties }, { properties, type: "object" }]) {
    assert.ok(inField(object, { n: 5 }));
    assert.ok(!inField(object, { n: "text" }));
    assert.ok(!inField(object, 5));
    assert.ok(!inField(object, [{ n: 5 }]));
  }
  for (const object of [
    { enabled: false, properties },
    { properties, type: "nested" },
    { type: "flattened" },
  ]) {
    assert.ok(!inField(object, { n: 5 }), JSON.stringify(object));
  }
});

it("is sure of a list if it is sure of each element, and none is an object", () => {
  assert.ok(inField({ type: "integer" }, []));
  assert.ok(!inField({ type: "integer" }, [1, [2], null]));
  assert.ok(!inField({ type: "integer" }, [null]));
});

it("finds a field by the names of the objects that it is in", () => {
  const mapping = {
    properties: { a: { properties: { b: { type: "integer" } } } },
  };

  assert.ok(isStorable(mapping, ["a", "b"], 5));
  assert.ok(!isStorable(mapping, ["a", "b"], "text"));
  assert.ok(!isStorable(mapping, ["b"], 5));
});

it("is sure of an unmapped value only if storage does not index it", () => {
  const properties = { a: { dynamic: "false", properties: {} }, b: {} };

  for (const dynamic of [undefined, true, "true", "strict", "runtime"]) {
    assert.ok(!isStorable({ dynamic, properties }, ["c"], 5));
    assert.ok(!isStorable({ dynamic, properties }, ["c"], { d: 5 }));
    assert.ok(isStorable({ dynamic, properties }, ["a", "c"], { d: 5 }));
  }
  for (const dynamic of [false, "false"]) {
    assert.ok(isStorable({ dynamic, properties }, ["c", "d"], [5, "text"]));
    assert.ok(isStorable({ dynamic, properties }, ["b"], { c: { d: 5 } }));
  }
});

it("accepts null, except for an unmapped field that the mapping refuses", () => {
  assert.ok(isStorable({ dynamic: "true" }, ["c"], null));
  assert.ok(isStorable({ dynamic: "false" }, ["c"], null));
  assert.ok(!isStorable({ dynamic: "strict" }, ["c"], null));
  const strict = { dynamic: "strict", properties: { a: {} } };
  assert.ok(!isStorable(strict, ["a"], { c: null }));
});

it("is not sure of names that storage interprets", () => {
  const mapping = { dynamic: "false" };

  for (const name of ["a.b", ".", "", " "]) {
    assert.ok(!isStorable(mapping, [name], 5), JSON.stringify(name));
    assert.ok(!isStorable(mapping, ["a"], { [name]: 5 }), JSON.stringify(name));
  }
});
