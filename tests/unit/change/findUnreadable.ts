import assert from "node:assert/strict";
import { it } from "node:test";

import { findUnreadable } from "../../../lib/change/values";
import { aDeepArray, aDeepDocument } from "../../support/aDocument";

it("finds names with which a document could not be read again", () => {
  for (const [json, name] of [
    ['{"__proto__":1}', "__proto__"],
    ['{"a":[{"b":{"__proto__":{}}}]}', "__proto__"],
    ['{"a":{"constructor":{"prototype":null}}}', "constructor"],
    ['{"a":{"constructor":null}}', "constructor"],
  ] as const) {
    assert.equal(findUnreadable(JSON.parse(json)), name);
  }
  const deep: unknown = JSON.parse('{"__proto__":1}');
  assert.equal(findUnreadable(aDeepArray(deep)), "__proto__");
});

it("finds nothing in other names", () => {
  for (const value of [
    { constructor: { a: 1 } },
    { constructor: "a builder" },
    { prototype: null },
    { a: ["__proto__"] },
    ...["__proto__", 1, null, undefined],
    aDeepDocument(1),
  ]) {
    assert.equal(findUnreadable(value), undefined);
  }
});
