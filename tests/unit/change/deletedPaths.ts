import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { it } from "node:test";

import fc from "fast-check";
import type { JSONObject } from "kuzzle";

import { deletedPaths } from "../../../lib/request/guards";

interface Lodash {
  has(object: JSONObject, path: unknown): boolean;
  set(object: JSONObject, path: unknown, value: unknown): JSONObject;
  toPath(path: unknown): string[];
}

const lodash = createRequire(require.resolve("kuzzle/package.json"))(
  "lodash",
) as Lodash;

it("reads a path as Kuzzle does, or the name of a field", () => {
  for (const [field, ...paths] of [
    ["a", ["a"], ["a"]],
    ["a.b", ["a.b"], ["a", "b"]],
    ["a[0].b", ["a[0].b"], ["a", "0", "b"]],
    [`["a"]['b.c']`, [`["a"]['b.c']`], ["a", "b.c"]],
    [`["a\\"b"]`, [`["a\\"b"]`], [`a"b`]],
    [".a", [".a"], ["", "a"]],
    [5, ["5"], ["5"]],
    [null, ["null"], ["null"]],
    [
      ["a.b", 0],
      ["a.b", "0"],
    ],
    [[["a"]], ["a"]],
  ] as [unknown, ...string[][]][]) {
    assert.deepEqual(deletedPaths(field), paths);
  }
});

it("reads every text as lodash, by which Kuzzle deletes fields", () => {
  const text = fc
    .array(fc.constantFrom(..."ab01.[]'\"\\- ".split("")), { maxLength: 12 })
    .map((characters) => characters.join(""));
  fc.assert(
    fc.property(text, (field) => {
      assert.deepEqual(deletedPaths(field)[1], lodash.toPath(field));
    }),
    { numRuns: 20_000 },
  );
});
