import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";
import type { JSONObject, KuzzleError } from "kuzzle";

import {
  checkGuards,
  type GuardedWrite,
  needsCurrent,
} from "../../../lib/change/guardedFields";
import {
  type FieldGuards,
  guardsOf,
  withoutExempt,
} from "../../../lib/change/guards";
import { aDeepArray, aDeepDocument } from "../../support/aDocument";
import {
  beneath,
  documents,
  guardedPath,
  indexed,
} from "../../support/guardedFields";
import { merged } from "../../support/fakeElasticsearch";

const target = { _id: "id", collection: "c", index: "i" };
const find = (guards: FieldGuards) => guardsOf({ "i/c": guards })("i", "c");

const update = (
  body: JSONObject,
  unset: GuardedWrite["unset"] = [],
): GuardedWrite => ({ body, kind: "update", unset });
const replacement = (body: JSONObject): GuardedWrite => ({
  ...update(body),
  kind: "replacement",
});

/** The kind of guard that refuses a write, and the fields that the error tells; nothing where it passes. */
function refusal(
  guards: FieldGuards,
  write: GuardedWrite,
  current?: JSONObject,
  profileIds: readonly string[] = ["default"],
): string {
  try {
    checkGuards(
      withoutExempt(find(guards), profileIds),
      target,
      write,
      current,
    );
  } catch (error) {
    const { id, props, status } = error as KuzzleError;
    assert.equal(status, 403);
    assert.deepEqual(props.slice(0, 3), ["i", "c", "id"]);
    return [id.split("field_")[1], ...props.slice(3)].join(" ");
  }
  return "";
}

const json = (text: string) => JSON.parse(text) as JSONObject;

it("refuses updates that name a field, whatever the value, and no others", () => {
  for (const [path, named, ...all] of [
    ["a.b.c", "a.b.c", { a: { b: { c: 1 } } }, { a: { b: { c: null } } }],
    ["a.b.c", "a.b.c", { a: { b: { c: { d: 1 } } } }, { a: { b: { c: {} } } }],
    // In its index, Elasticsearch does not distinguish a dot in a name from one between names.
    [
      "a.b.c",
      "a.b.c",
      { "a.b.c": 1 },
      { "a.b": { c: 1 } },
      { "a..": { "b.c.": 1 } },
    ],
    ["a.b.c", "a.b.c", { "a.b": { x: 1, "c.d": 1 } }, { a: { "b.c.d": 1 } }],
    // What would replace an object names all fields in it.
    ["a.b.c", "a.b", { a: { b: 1 } }, { a: { b: null } }, { a: { b: [] } }],
    ["a.b.c", "a.b", { a: { b: [{ c: 1 }] } }, { "a.b": false }],
    ["a.b.c", "a", { a: "text" }, { a: null }, { a: [{ x: 1 }] }],
    ["a.b", "", {}, { b: 1 }, { a: { c: 1 } }, { "a.c": null }, { a: {} }],
    ["c", "", { x: { c: 1 } }, { x: [{ c: 1 }] }, { C: 1 }, { "c ": 1 }],
    ["a.b", "", { a: { ".b": 1 } }, { ab: 1 }],
    // What is beneath a guarded field.
    ["b", "b", { b: { iban: 1 } }, { b: { a: { b: 1 } } }, { "b.iban": 1 }],
    ["b.*", "b", { b: { iban: 1 } }, { "b.iban": 1 }, { b: {} }, { b: null }],
    // `*` is any one name.
    ["*.s", "x.s y.s", { x: { s: 1 }, "y.s": 1, z: { a: 1 } }],
    ["a.*.b", "a.x.b", { a: { x: { b: { c: 1 } } } }],
    ["*.s", "", { s: { x: 1 } }],
    // Kuzzle's own field is guarded only by name.
    ["*", "", { _kuzzle_info: { author: 1 } }],
    ["*.author", "", { _kuzzle_info: { author: 1 } }],
    ["_kuzzle_info", "_kuzzle_info", { _kuzzle_info: { author: 1 } }],
    ["_kuzzle_info.*", "_kuzzle_info", { _kuzzle_info: { author: 1 } }],
    ["a.*", "a", { a: { _kuzzle_info: 1 } }],
    // Names that every object has are like any other.
    ["owner", "", json('{"__proto__":{"owner":1}}')],
    ["toString", "", { a: 1 }],
    ["a.constructor", "a.constructor", { a: { constructor: 2 } }],
    ["__proto__.owner", "__proto__.owner", json('{"__proto__":{"owner":1}}')],
  ] as [string, string, ...JSONObject[]][]) {
    for (const body of all) {
      assert.equal(
        refusal({ readOnly: [path] }, update(body)),
        named && `read_only ${named}`,
        JSON.stringify([path, body]),
      );
    }
  }
});

it("counts a field that is unset as one that is named", () => {
  for (const path of [["a", "b"], ["a"], ["a.b", "c"], ["a.b"]]) {
    assert.match(
      refusal({ readOnly: ["a.b"] }, update({}, [path])),
      /^read_only/,
    );
  }
  assert.equal(refusal({ readOnly: ["a.b"] }, update({}, [["b"]])), "");
  const unset = update({ owner: null }, [["owner"]]);
  assert.equal(
    refusal({ immutable: ["owner"] }, unset, { owner: "x" }),
    "immutable owner",
  );
  assert.equal(refusal({ immutable: ["owner"] }, unset, {}), "");
  const inside = update({ owner: { x: null } }, [["owner", "x"]]);
  assert.equal(
    refusal({ immutable: ["owner"] }, inside, { owner: { id: 1, x: null } }),
    "immutable owner",
  );
});

it("refuses an update of an object that would replace a list with guarded fields", () => {
  const guards = { readOnly: ["a.b"] };
  const write = update({ a: { x: 1 } });

  assert.equal(refusal(guards, write, { a: [{ b: 1 }] }), "read_only a");
  for (const current of [{}, { a: null }, { a: "text" }, { a: { b: 1 } }]) {
    assert.equal(refusal(guards, write, current), "");
  }
});

it("lets a user of one of the profiles write", () => {
  const guards = {
    writableBy: { credit: ["accountant", "admin"], "staff.*": ["hr"] },
  };
  const write = update({ credit: 1, staff: { name: "x" } });

  for (const [profileIds, expected] of [
    [["default"], "forbidden credit staff"],
    [["x", "admin"], "forbidden staff"],
    [["accountant", "hr"], ""],
  ] as const) {
    assert.equal(refusal(guards, write, undefined, profileIds), expected);
  }
});

it("tells the fields of the first kind, ten at most", () => {
  const body = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, field) => [`field${field}`, { a: 1 }]),
  );
  const guards = { readOnly: ["*.a", "field0"], writableBy: { field1: ["x"] } };

  assert.equal(refusal(guards, update(body)).split(" ").length, 11);
  assert.throws(
    () =>
      checkGuards(
        find({ readOnly: ["a", "b.c"] }),
        target,
        update({ a: 1, b: 2 }),
      ),
    { message: 'No update of the document "i/c/id" may change: a, b.' },
  );
});

it("keeps the value of an immutable field, once it has one", () => {
  for (const [path, current, body, refused = ""] of [
    // It can be set once, and again to the same.
    ["o", {}, { o: "x" }],
    ["o", { o: null }, { o: "x" }],
    ["o", { o: {} }, { o: { id: 1 } }],
    ["o", { o: { id: null } }, { o: "x" }],
    ["o", { o: "x" }, { o: "x" }],
    ["o", { o: "x" }, { o: "y" }, "o"],
    ["o", { o: "x" }, { o: null }, "o"],
    ["o", { o: "x" }, { o: {} }, "o"],
    ["o", { o: "x" }, { o: { id: 1 } }, "o"],
    ["o", { o: "x" }, { "o.id": 1 }, "o"],
    ["o", { o: 0 }, { o: false }, "o"],
    // A list is one value.
    ["o", { o: ["x", { y: 1, z: 2 }] }, { o: ["x", { z: 2, y: 1 }] }],
    ["o", { o: ["x", "y"] }, { o: ["y", "x"] }, "o"],
    ["o", { o: [] }, { o: ["x"] }, "o"],
    // An object is guarded as a whole, whatever the spelling.
    ["o", { o: { id: 1, name: "x" } }, { o: { id: 1 } }],
    ["o", { o: { id: 1, name: null } }, { o: { id: 1, name: null } }],
    ["o", { o: { id: 1 } }, { o: {} }],
    ["o", { o: { id: 1 } }, { "o.id": 1 }],
    ["o", { "o.id": 1 }, { o: { id: 1 } }],
    ["o", { "o.id": 1 }, { o: { id: 2 } }, "o"],
    ["o", { "o.id": 1 }, { o: {} }],
    ["o", { o: { id: 1 } }, { "o.id": 2 }, "o"],
    ["o", { o: { id: 1 } }, { o: { id: 1, name: "x" } }, "o"],
    ["o", { o: { id: 1 } }, { o: 1 }, "o"],
    ["o", { o: { id: 1, name: null } }, { o: { name: {} } }, "o"],
    // With `.*`, each field in it by itself.
    ["a.*", { a: { b: 1 } }, { a: { c: 1 } }],
    ["a.*", { a: { b: 1 } }, { a: { b: 1, c: { d: 1 } } }],
    ["a.*", { a: { b: null } }, { a: { b: { c: 1 } } }],
    ["a.*", { a: { b: { c: null } } }, { a: { b: 1 } }],
    ["a.*", { a: { b: 1 } }, { a: { b: 2 } }, "a"],
    ["a.*", { a: { b: 1 } }, { a: { b: { c: 1 } } }, "a"],
    ["a.*", { a: { b: { c: 1 } } }, { a: { b: 1 } }, "a"],
    ["a.*", { a: { b: 1 } }, { a: null }, "a"],
    ["a.*", { a: 1 }, { a: { b: 1 } }, "a"],
    // An object or a list that may contain the field would be replaced.
    ["a.b", { a: { b: 1 } }, { a: null }, "a.b"],
    ["a.b", { a: { x: 1 } }, { a: null }],
    ["a.b", { a: { x: 1 } }, { a: [1] }],
    ["a.b", { a: "x" }, { a: [{ b: 1 }] }],
    ["a.b", { a: 1 }, { a: { b: 1 } }],
    ["a.b", { a: [{ b: 1 }] }, { a: { x: 1 } }, "a a.b"],
    ["a.b", { a: [{ b: 1 }] }, { a: [{ b: 1, x: 1 }] }, "a"],
    ["a.b", { a: [{ b: 1 }] }, { "a.b": 2 }, "a.b"],
    ["a.b", { a: [{ b: 1 }] }, { a: [{ b: 1 }] }],
    ["a.b", { a: [{ b: 1 }] }, { a: [] }, "a a.b"],
    ["a.b", { a: { b: 1 } }, { a: { x: 1 } }],
    // JavaScript rounds such integers: another one may be meant.
    ["n", { n: 2 ** 53 }, { n: 2 ** 53 }, "n"],
    ["n", { n: [{ x: 2 ** 53 }] }, { n: [{ x: 2 ** 53 }] }, "n"],
    ["n", {}, { n: 2 ** 53 }],
    ["n.*", { n: { x: 2 ** 53 } }, { n: { y: 2 ** 53 } }],
    ["n", { n: { x: 2 ** 53, y: 1 } }, { n: { y: 1 } }],
  ] as [string, JSONObject, JSONObject, string?][]) {
    assert.equal(
      refusal({ immutable: [path] }, update(body), current),
      refused && `immutable ${refused}`,
      JSON.stringify([path, current, body]),
    );
  }
  // Without the document, nobody knows.
  assert.equal(refusal({ immutable: ["o"] }, update({ o: 1 })), "immutable o");
});

it("refuses replacements that change a guarded field, or leave it out", () => {
  for (const [path, before, after, refused = ""] of [
    ["a.b", { a: { b: 1 } }, { a: { b: 1, x: 2 }, y: 3 }],
    ["a.b", { a: { b: { c: [1] } } }, { a: { b: { c: [1] } } }],
    ["a.b", { "a.b": 1 }, { "a.b": 1, c: 1 }],
    ["a.b", { a: [{ b: 1 }] }, { a: [{ b: 1 }] }],
    // The same field, spelled in another way.
    ["a.b", { a: { b: 1 } }, { "a.b": 1 }],
    ["a.b", { "a.b": { c: 1 } }, { a: { "b.c": 1 } }],
    ["a.b", { a: 1 }, { a: 2 }],
    ["a.b", { x: 1 }, {}],
    ["a.b", { a: null }, { a: {} }],
    ["a.b", { a: { b: 1 } }, { a: { b: 2 } }, "a.b"],
    ["a.b", { a: { b: 1 } }, { a: { b: null } }, "a.b"],
    ["a.b", { a: { b: 1 } }, { a: {} }, "a.b"],
    ["a.b", { a: { b: 1 } }, {}, "a.b"],
    ["a.b", { a: { b: 1 } }, { a: [{ b: 1 }] }, "a"],
    ["a.b", { a: { b: 1 } }, { "a.b": 2 }, "a.b"],
    ["a.b", { a: [{ b: 1 }] }, { a: [] }, "a a.b"],
    ["a.b", {}, { a: { b: 1 } }, "a.b"],
    ["a.b", {}, { a: { b: null } }, "a.b"],
    ["a.b", { a: { b: null } }, { a: { b: {} } }, "a.b"],
    ["a.b", { "a.b": { c: 1 } }, { "a.b": { c: 2 } }, "a.b"],
    ["a.b", { "a.b.c": 1 }, { x: 1 }, "a.b"],
    ["*", { a: 1, b: 1 }, {}, "a b"],
    // JavaScript would store it rounded.
    ["n", { n: 2 ** 60 }, { n: 2 ** 60 }, "n"],
    ["toString", { a: 1 }, {}],
    ["__proto__.a", json('{"__proto__":{"a":1}}'), { b: 1 }, "__proto__.a"],
    // Kuzzle writes it itself.
    ...["_kuzzle_info", "_kuzzle_info.author", "*.author"].map((path) => [
      ...[path, { _kuzzle_info: { author: "x" } }, {}],
    ]),
  ] as [string, JSONObject, JSONObject, string?][]) {
    for (const [guards, kind] of [
      [{ readOnly: [path] }, "read_only"],
      [{ writableBy: { [path]: ["x"] } }, "forbidden"],
    ] as const) {
      assert.equal(
        refusal(guards, replacement(after), before),
        refused && `${kind} ${refused}`,
        JSON.stringify([path, before, after]),
      );
    }
  }
});

it("lets a write create a document with any fields", () => {
  for (const kind of ["upsert", "replacement"] as const) {
    const write = { ...update({ a: 1 }), kind };
    assert.equal(refusal({ readOnly: ["a"] }, write), "");
    assert.equal(refusal({ readOnly: ["a"] }, write, {}), "read_only a");
  }
});

it("needs the document only if it must", () => {
  for (const [guards, body, expected, unset = []] of [
    [{}, { a: 1 }, false],
    [{ readOnly: ["a"] }, { a: 1 }, false],
    [{ readOnly: ["a.*"], writableBy: { b: ["x"] } }, { a: 1, b: 1 }, false],
    [{ immutable: ["a"] }, { b: { a: 1 } }, false],
    [{ immutable: ["a"] }, { a: 1 }, true],
    [{ immutable: ["a"] }, { "a.b": 1 }, true],
    [{ readOnly: ["a.b"] }, { a: { c: 1 } }, true],
    [{ readOnly: ["a.b"] }, { b: { c: 1 } }, false],
    [{ readOnly: ["*.b"] }, { c: 1 }, true],
    [{ readOnly: ["*.b"] }, { _kuzzle_info: {} }, false],
    [{ immutable: ["a"] }, {}, true, [["a", "b"]]],
  ] as [FieldGuards, JSONObject, boolean, string[][]?][]) {
    assert.equal(needsCurrent(find(guards), update(body, unset)), expected);
  }
});

it("handles any depth, in time proportional to the size", () => {
  const wide = (value: number) =>
    Object.fromEntries(
      Array.from({ length: 10_000 }, (_, key) => [`a.b${key}`, value]),
    );
  const deep = (value: unknown) => ({ a: aDeepDocument(value) });
  const lists = (value: unknown) => ({ a: aDeepArray(value) });

  for (const path of ["a", "a.*"]) {
    for (const [before, after, refused] of [
      [deep(1), deep(1), ""],
      [deep(1), deep(2), "immutable a"],
      [deep(null), deep(2), ""],
      [wide(1), wide(1), ""],
      [wide(1), wide(2), "immutable a"],
      [lists(1), lists(1), ""],
      [lists(1), lists(2), "immutable a"],
    ] as const) {
      const guards = { immutable: [path] };
      assert.equal(refusal(guards, update(after), before), refused);
    }
  }
});

it("never lets a guarded field change in the index", () => {
  const passed = { replacement: 0, update: 0 };
  fc.assert(
    fc.property(guardedPath, documents, documents, (path, current, body) => {
      const before = beneath(current, path);
      for (const [write, after] of [
        [update(body), merged(current, body)],
        [replacement(body), body],
      ] as [GuardedWrite & { kind: "update" | "replacement" }, JSONObject][]) {
        if (refusal({ readOnly: [path] }, write, current) === "") {
          const isOther = indexed(current).size !== indexed(after).size;
          passed[write.kind] += Number(isOther);
          assert.deepEqual(beneath(after, path), before);
        }
      }
      const same = replacement(current);
      assert.equal(refusal({ readOnly: [path] }, same, current), "");
      if (!needsCurrent(find({ readOnly: [path] }), update(body))) {
        assert.equal(
          refusal({ readOnly: [path] }, update(body)),
          refusal({ readOnly: [path] }, update(body), current),
        );
      }
    }),
    { numRuns: 20_000 },
  );
  assert.ok(passed.update > 1_000 && passed.replacement > 500);
});

it("never lets an immutable field change in the index once it is set", () => {
  let changed = 0;
  fc.assert(
    fc.property(guardedPath, documents, documents, (path, current, body) => {
      if (refusal({ immutable: [path] }, update(body), current) !== "") {
        return;
      }
      const before = beneath(current, path);
      const after = beneath(merged(current, body), path);
      changed += Number(after.size > before.size);

      for (const [field, values] of before) {
        assert.deepEqual(after.get(field), values);
      }
      if (path.endsWith(".*")) {
        return;
      }
      const root = (field: string) =>
        field.split(".").slice(0, path.split(".").length).join(".");
      const set = new Set([...before.keys()].map(root));
      for (const field of after.keys()) {
        assert.ok(before.has(field) || !set.has(root(field)));
      }
    }),
    { numRuns: 20_000 },
  );
  assert.ok(changed > 100);
});
