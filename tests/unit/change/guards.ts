import assert from "node:assert/strict";
import { it } from "node:test";

import { guardsOf, isGuards } from "../../../lib/change/guards";

it("takes guards of fields by patterns of collections", () => {
  for (const guards of [
    {},
    { "crm/customers": {} },
    {
      "*/*": { readOnly: ["*"] },
      "crm/customers": {
        immutable: ["owner"],
        readOnly: ["legacyId", "billing.*", "*.secret", "a.*.b"],
        writableBy: { creditLimit: ["accountant", "admin"] },
      },
      "crm/orders": { readOnly: ["a\\.b", "a\\\\b", "_kuzzle_info.author"] },
      "crm/teams": { readOnly: ["constructor"] },
    },
  ]) {
    assert.ok(isGuards(guards), JSON.stringify(guards));
  }
});

it("refuses guards without a collection, kind, field or profile", () => {
  const readOnly = (...readOnly: unknown[]) => ({ "i/c": { readOnly } });
  const writableBy = (writableBy: unknown) => ({ "i/c": { writableBy } });

  for (const guards of [
    ...[undefined, null, [], "i/c", 1],
    ...[{ i: {} }, { "i/c/d": {} }, { "i/c": [] }, { "i/c": null }],
    ...[{ "i/c": { readonly: ["a"] } }, { "i/c": { constructor: ["a"] } }],
    ...[{ "i/c": { readOnly: "a" } }, { "i/c": { immutable: { a: true } } }],
    ...[readOnly(), readOnly(1), readOnly(""), readOnly(["a"]), readOnly(null)],
    ...[readOnly("a."), readOnly(".a"), readOnly("a..b"), readOnly(".")],
    ...[readOnly("a\\"), readOnly("a\\b"), readOnly("\\.a"), readOnly("a", "")],
    ...[readOnly("a*"), readOnly("**"), readOnly("a.b*.c")],
    ...[writableBy(["a"]), writableBy({ a: [] }), writableBy({ a: "admin" })],
    ...[writableBy({ a: [1] }), writableBy({ a: [""] })],
    ...[writableBy({ "a.": ["admin"] }), writableBy(null)],
  ]) {
    assert.equal(isGuards(guards), false, JSON.stringify(guards));
  }
});

it("finds the guards of a collection by all patterns that match it", () => {
  const find = guardsOf({
    "crm/*": { immutable: ["owner"], readOnly: ["a.b"] },
    "crm/customers": { writableBy: { "credit.*": ["accountant"] } },
  });

  assert.deepEqual(find("iot", "sensors"), []);
  assert.deepEqual(find("crm", "orders"), [
    { isOfEach: false, kind: "readOnly", names: ["a", "b"], profileIds: [] },
    { isOfEach: false, kind: "immutable", names: ["owner"], profileIds: [] },
  ]);
  assert.deepEqual(find("crm", "customers").at(-1), {
    isOfEach: true,
    kind: "writableBy",
    names: ["credit"],
    profileIds: ["accountant"],
  });
});

it("treats a dot in a name as a separator, as the index does", () => {
  const find = guardsOf({ "i/c": { readOnly: ["a\\.b.c", "a\\\\.b", "*"] } });

  assert.deepEqual(
    find("i", "c").map(({ names }) => names),
    [["a", "b", "c"], ["a\\", "b"], ["*"]],
  );
});
