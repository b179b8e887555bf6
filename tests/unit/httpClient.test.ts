import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";

import { pathOf } from "../support/HttpClient";

const pathWith = (value: unknown) =>
  pathOf({
    _id: value,
    args: { refresh: value },
    collection: "yellow-taxi",
    controller: "document-update",
    index: "nyc-open-data",
  });

it("the tests' HTTP client can write anything that a generator makes into a path", () => {
  const anything = fc.anything({
    key: fc.oneof(fc.constantFrom("toString", "valueOf"), fc.string()),
    withNullPrototype: true,
  });

  fc.assert(
    fc.property(anything, (value) => {
      assert.ok(URL.canParse(pathWith(value), "http://localhost"));
    }),
  );
});

it("the tests' HTTP client writes values without a text form as JSON", () => {
  const path = "/_/document-update/nyc-open-data/yellow-taxi";

  for (const [value, text] of [
    ["a/b", "a%2Fb"],
    [5, "5"],
    [null, "null"],
    [undefined, "undefined"],
    [{ toString: 1 }, "%7B%22toString%22%3A1%7D"],
    [Object.create(null), "%7B%7D"],
    ["\ud800", "%EF%BF%BD"],
  ]) {
    assert.equal(pathWith(value), `${path}/${text}/_update?refresh=${text}`);
  }
});
