import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";
import type { JSONObject } from "kuzzle";

import {
  changedPaths,
  mergeChanges,
  removeUnset,
  wholeDocument,
} from "../../../lib/change/merge";
import { parsePath } from "../../../lib/change/paths";
import { foldChanges } from "../../../lib/write/fold";
import {
  aDeepArray,
  aDeepDocument,
  aDocument,
  frozen,
  HOSTILE_NAMES,
  NAMES,
} from "../../support/aDocument";
import { merged } from "../../support/fakeElasticsearch";
import { isObject } from "../../support/guardedFields";
import { refusal } from "../../support/refusal";

const hostile = JSON.parse(
  '{"__proto__":{"a":1},"constructor":1}',
) as JSONObject;

it("merges any document as storage does, with keys in the same order", () => {
  const one = aDocument([...HOSTILE_NAMES, "c.d"]);
  fc.assert(
    fc.property(one, one, (document, changes) => {
      assert.equal(
        JSON.stringify(mergeChanges(frozen(document), frozen(changes))),
        JSON.stringify(merged(document, changes)),
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

it("never changes an object's prototype, and merges at any depth", () => {
  const result = mergeChanges({ a: {} }, { ...hostile, a: hostile });
  for (const object of [result, result["a"] as JSONObject]) {
    assert.equal(Object.getPrototypeOf(object), Object.prototype);
  }

  const deep = [aDeepDocument({ b: 1 }), aDeepDocument({ c: 2 })] as const;
  let value: unknown = mergeChanges(...deep);
  for (let depth = 0; depth < 100_000; depth++) {
    value = (value as JSONObject)["a"];
  }
  assert.deepEqual(value, { b: 1, c: 2 });
});

it("removes fields, and leaves the object that they were in, if empty", () => {
  const source = frozen({ a: { b: { c: 1 }, d: 1 }, "a.b": 1, e: [1] });
  const paths = [["a", "b", "c"], ["a.b"], ["x"], ["e", "0"]];

  assert.deepEqual(removeUnset(source, paths), { a: { b: {}, d: 1 }, e: [1] });
  assert.deepEqual(removeUnset(source, [["a"], ["a", "b"]]), {
    ...{ "a.b": 1, e: [1] },
  });
});

it("removes fields one by one as it does all at once", () => {
  const names = fc.constantFrom(...NAMES);
  const aPath = fc.array(names, { maxLength: 3, minLength: 1 });
  fc.assert(
    fc.property(aDocument(), fc.array(aPath), (document, paths) => {
      assert.deepEqual(
        removeUnset(frozen(document), paths),
        paths.reduceRight(
          (left, path) => removeUnset(frozen(left), [path]),
          document,
        ),
      );
    }),
  );
});

it("unsets a thousand fields of an object of 100,000 without copying it for each", () => {
  const all = Array.from({ length: 100_000 }, (_, number) => `field${number}`);
  const fields = Object.fromEntries(all.map((name) => [name, 1]));
  const paths = all.slice(0, 1_000).map((name) => ["a", name]);
  const start = performance.now();

  const { a } = removeUnset({ a: fields }, paths) as { a: JSONObject };

  assert.equal(Object.keys(a).length, 99_000);
  assert.equal(Object.keys(fields).length, 100_000);
  assert.ok(performance.now() - start < 5_000);
});

it("makes the whole document from the read one and the changes, without the removed fields", () => {
  const _kuzzle_info = { updater: "joe" };
  const source = { a: { b: 1, c: { d: 2, e: 3 } }, gone: 1, kept: [1, 2] };
  const changes = { _kuzzle_info, a: { b: 5, c: { d: null } }, nothing: null };

  assert.deepEqual(
    wholeDocument(frozen(source), frozen({ ...changes, gone: null }), [
      ...[["gone"], ["a", "c", "d"]],
    ]),
    { _kuzzle_info, a: { b: 5, c: { e: 3 } }, kept: [1, 2], nothing: null },
  );
});

it("refuses to remove a field that was given a value, or was lost", () => {
  const given = "a specification, or a pipe, gives it a value";

  for (const changes of [{ a: { "b.c": 0 } }, { a: { "b.c": false } }, {}]) {
    assert.throws(
      () => wholeDocument({ a: { "b.c": 1 } }, changes, [["a", "b.c"]]),
      refusal("unset_refused", "a.b\\.c", given),
    );
  }
  assert.throws(
    () => wholeDocument({ x: 1, y: 1 }, { x: null, y: 2 }, [["x"], ["y"]]),
    refusal("unset_refused", "y", given),
  );
});

it("refuses to write back a number that is not exact, wherever it is", () => {
  assert.throws(
    () => wholeDocument({ a: [{ b: 2 ** 53 }], x: 1 }, { x: null }, [["x"]]),
    ({ props }: { readonly props: readonly string[] }) =>
      /^x,.*exactly, .*9007199254740992/.test(String(props)),
  );
});

it("tells of what changed, was added, removed or replaced, by the innermost path", () => {
  for (const [before, after, ...paths] of [
    [
      { a: 1, b: { c: 1, d: 2 }, e: [1, { f: 1 }], g: 1 },
      { a: 2, b: { c: 1 }, e: [1, { f: 2 }], h: null },
      ...["a", "e", "h", "g", "b.d"],
    ],
    [
      { a: [{ d: 1, e: 0 }], f: {} },
      { f: {}, a: [{ e: -0, d: 1 }] },
    ],
    // The fields of an added object, or the object itself if it is empty.
    ...[{}, { a: null }, { a: 1 }, { a: [1] }].flatMap((other) => [
      [other, { a: { b: { c: 1 }, d: {} } }, "a.d", "a.b.c"],
      [other, { a: {} }, "a"],
    ]),
    // A removed or replaced object itself.
    [{ a: { b: { c: 1 }, d: 1 }, e: {} }, { a: 1, e: null }, "a", "e"],
    [{ a: { b: { c: 1 }, d: 1 } }, { a: {} }, "a.b", "a.d"],
    [{ a: { b: 1 } }, {}, "a"],
    [{}, { "a.b": { "\\": 1 } }, "a\\.b.\\\\"],
    [hostile, {}, "__proto__", "constructor"],
    [{}, hostile, "constructor", "__proto__.a"],
    [hostile, structuredClone(hostile)],
  ] as [JSONObject, JSONObject, ...string[]][]) {
    const label = JSON.stringify([before, after]);
    assert.deepEqual(changedPaths(before, after), paths, label);
  }
});

it("tells what a field that is removed was called", () => {
  const before = { a: { b: { c: 1 } }, d: 1 };
  const after = removeUnset(before, [["a", "b"], ["d"]]);

  assert.deepEqual(changedPaths(before, after), ["d", "a.b"]);
});

/** The document with the values of another one at these paths. */
function taken(before: JSONObject, after: JSONObject, paths: string[]) {
  const document = structuredClone(before);
  for (const path of paths.map(parsePath)) {
    const name = path.at(-1)!;
    let parent = document;
    let source: unknown = after;
    for (const outer of path.slice(0, -1)) {
      parent = parent[outer] = isObject(parent[outer]) ? parent[outer] : {};
      source = isObject(source) ? source[outer] : undefined;
    }
    if (isObject(source) && Object.hasOwn(source, name)) {
      parent[name] = source[name];
    } else {
      delete parent[name];
    }
  }

  return document;
}

it("lists exactly the differences between two documents", () => {
  const one = aDocument(["a", "b", "c.d", "e\\"]);
  fc.assert(
    fc.property(one, one, (before, after) => {
      const changed = [...changedPaths(frozen(before), frozen(after))];

      assert.deepEqual(taken(before, after, changed), after);
      for (const path of changed) {
        const others = changed.filter((other) => other !== path);
        assert.equal(others.length, changed.length - 1);
        assert.notDeepEqual(taken(before, after, others), after);
      }
    }),
    { numRuns: 2_000 },
  );
});

it("compares documents of any depth, and lists the outermost fields if paths become too long", () => {
  const path = Array.from({ length: 100_000 }, () => "a").join(".");
  const lists = [{ a: aDeepArray(1) }, { a: aDeepArray(2) }] as const;
  assert.deepEqual(changedPaths(aDeepDocument(1), aDeepDocument(2)), [path]);
  assert.deepEqual(changedPaths(...lists), ["a"]);
  assert.deepEqual(changedPaths(aDeepDocument(1), aDeepDocument(1)), []);

  const fields = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, number) => [String(number), number]),
  );
  const after = { ["x.".repeat(1_000)]: fields, a: 2, b: 1 };
  assert.deepEqual(changedPaths({ a: 1, b: 1, c: { d: 1 } }, after), [
    ...["x\\.".repeat(1_000), "a", "c"],
  ]);
  let deep: JSONObject = {};
  for (let depth = 0; depth < 100_000; depth++) {
    deep = { a: deep, b: 1 };
  }
  assert.deepEqual(changedPaths({}, deep), ["a", "b"]);
});
