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

it("names whatever field is gone", () => {
  const name = fc.constantFrom("a", "b", "a.b", "0", "a[0]", '["a"]', "[a]");
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constant(1),
      fc.dictionary(name, tie("value"), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
    ),
  }));
  const field = fc.oneof(
    fc.array(name, { maxLength: 3 }).map((names) => names.join(".")),
    fc.array(name, { maxLength: 3, minLength: 1 }),
  );
  let deleted = 0;
  fc.assert(
    fc.property(
      fc.dictionary(name, value, { maxKeys: 3, noNullPrototype: true }),
      field,
      (document, path) => {
        if (!lodash.has(document, path)) {
          return;
        }
        deleted++;
        const after = structuredClone(document) as JSONObject;
        lodash.set(after, path, undefined);
        const isGone = ([first = "", ...rest]: readonly string[]) => {
          let [before, now]: unknown[] = [document[first], after[first]];
          for (const each of rest) {
            before = (before as JSONObject)?.[each];
            now = (now as JSONObject)?.[each];
          }
          return before !== undefined && now === undefined;
        };
        assert.ok(deletedPaths(path).some(isGone));
      },
    ),
    { numRuns: 20_000 },
  );
  assert.ok(deleted > 1_000);
});
