import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";
import type { JSONObject } from "kuzzle";

import { mergeChanges } from "../../../lib/change/merge";
import { foldChanges } from "../../../lib/write/fold";
import {
  aDeepDocument,
  aDocument,
  frozen,
  HOSTILE_NAMES,
} from "../../support/aDocument";

/** What Elasticsearch does to a document: its `XContentHelper.update`. */
function applied(document: JSONObject, changes: JSONObject): JSONObject {
  const result = new Map(Object.entries(document));
  for (const [key, value] of Object.entries(changes)) {
    const before: unknown = result.get(key);
    result.set(
      key,
      isObject(before) && isObject(value) ? applied(before, value) : value,
    );
  }

  return Object.fromEntries(result);
}

function isObject(value: unknown): value is JSONObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

it("merges any document as storage does, with keys in the same order", () => {
  const one = aDocument([...HOSTILE_NAMES, "c.d"]);
  fc.assert(
    fc.property(one, one, (document, changes) => {
      assert.equal(
        JSON.stringify(mergeChanges(frozen(document), frozen(changes))),
        JSON.stringify(applied(document, changes)),
      );
    }),
    { numRuns: 2_000 },
  );
});

it("merges combined changes as it merges one after another", () => {
  fc.assert(
    fc.property(aDocument(), aDocument(), aDocument(), (document, a, b) => {
      const sum = {};
      fc.pre(foldChanges(sum, a));
      fc.pre(foldChanges(sum, b));

      assert.deepEqual(
        mergeChanges(mergeChanges(document, a), b),
        mergeChanges(document, sum),
      );
    }),
  );
});

it("never changes an object's prototype", () => {
  const changes = JSON.parse(
    '{"__proto__":{"x":1},"a":{"__proto__":{"x":1}}}',
  ) as JSONObject;

  const merged = mergeChanges({ a: {} }, changes);

  for (const object of [merged, merged["a"] as JSONObject]) {
    assert.equal(Object.getPrototypeOf(object), Object.prototype);
    assert.equal(object["x"], undefined);
    assert.ok(Object.hasOwn(object, "__proto__"));
  }
});

it("merges documents of any depth", () => {
  let value: unknown = mergeChanges(
    aDeepDocument({ b: 1 }),
    aDeepDocument({ c: 2 }),
  );
  for (let depth = 0; depth < 100_000; depth++) {
    value = (value as JSONObject)["a"];
  }

  assert.deepEqual(value, { b: 1, c: 2 });
});
