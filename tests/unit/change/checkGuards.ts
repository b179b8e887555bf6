import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";
import type { JSONObject, KuzzleError } from "kuzzle";

import {
  checkGuards,
  type GuardedUpdate,
  needsCurrent,
} from "../../../lib/change/guardedFields";
import {
  type FieldGuards,
  guardsOf,
  withoutExempt,
} from "../../../lib/change/guards";
import {
  beneath,
  documents,
  guardedPath,
  indexed,
  isObject,
} from "../../support/guardedFields";

const target = { _id: "id", collection: "c", index: "i" };
const find = (guards: FieldGuards) => guardsOf({ "i/c": guards })("i", "c");

/** The name of the error, and the fields that it tells; nothing where the update passes. */
const refusal = (
  guards: FieldGuards,
  {
    profileIds = ["default"],
    ...update
  }: Partial<GuardedUpdate> & { readonly profileIds?: readonly string[] },
): string[] => {
  try {
    checkGuards(withoutExempt(find(guards), profileIds), target, {
      changes: {},
      ...update,
    });
  } catch (error) {
    const { id, props, status } = error as KuzzleError;
    assert.equal(status, 403);
    assert.deepEqual(props?.slice(0, 3), ["i", "c", "id"]);
    return [id.split(".").at(-1)!, ...props.slice(3)];
  }
  return [];
};

const json = (text: string) => JSON.parse(text) as JSONObject;

it("allows an update that names no guarded field", () => {
  const guards = { readOnly: ["a.b", "c"] };

  for (const changes of [
    ...[{}, { b: 1 }, { a: { c: 1 } }, { "a.c": null }, { a: {} }, { ab: 1 }],
    ...[
      { x: { c: 1 } },
      { x: [{ c: 1 }] },
      { C: 1 },
      { "c ": 1 },
      { a: { ".b": 1 } },
    ],
  ]) {
    assert.deepEqual(refusal(guards, { changes }), []);
  }
  checkGuards([], target, { changes: { a: 1 } });
});

it("refuses each way to name a read-only field", () => {
  for (const [changes, field] of [
    [{ a: { b: { c: 1 } } }, "a.b.c"],
    [{ a: { b: { c: null } } }, "a.b.c"],
    [{ a: { b: { c: { d: 1 } } } }, "a.b.c"],
    [{ a: { b: { c: {} } } }, "a.b.c"],
    [{ a: { b: 1 } }, "a.b"],
    [{ a: { b: null } }, "a.b"],
    [{ a: { b: [] } }, "a.b"],
    [{ a: { b: [{ c: 1 }] } }, "a.b"],
    [{ a: "text" }, "a"],
    [{ a: null }, "a"],
    [{ a: [{ x: 1 }] }, "a"],
    [{ "a.b.c": 1 }, "a.b.c"],
    [{ "a.b": { c: 1 } }, "a.b.c"],
    [{ "a.b": { x: 1, "c.d": 1 } }, "a.b.c"],
    [{ a: { "b.c": 1 } }, "a.b.c"],
    [{ a: { "b.c.d": 1 } }, "a.b.c"],
    [{ "a.b.": { "c.": 1 } }, "a.b.c"],
    [{ "a.b": false }, "a.b"],
  ] as [JSONObject, string][]) {
    assert.deepEqual(
      refusal({ readOnly: ["a.b.c"] }, { changes }),
      ["field_read_only", field],
      JSON.stringify(changes),
    );
  }
});

it("guards what is beneath a field, and what would replace it", () => {
  for (const path of ["billing", "billing.*"]) {
    for (const changes of [
      ...[{ billing: { iban: 1 } }, { billing: { a: { b: 1 } } }],
      ...[{ "billing.iban": 1 }, { billing: 1 }, { billing: null }],
      ...[{ billing: {} }, { billing: [] }],
    ]) {
      assert.equal(
        refusal({ readOnly: [path] }, { changes })[0],
        "field_read_only",
      );
    }
  }
});

it("takes * for any one name", () => {
  const guards = { readOnly: ["*.secret", "a.*.b"] };

  assert.deepEqual(
    refusal(guards, {
      changes: { x: { secret: 1 }, "y.secret": 1, z: { a: 1 } },
    }),
    ["field_read_only", "x.secret", "y.secret"],
  );
  assert.deepEqual(
    refusal(guards, { changes: { a: { x: { b: { c: 1 } } } } }),
    ["field_read_only", "a.x.b"],
  );
  assert.deepEqual(refusal(guards, { changes: { secret: { x: 1 } } }), []);
});

it("guards Kuzzle's own field only where it is named", () => {
  const changes = { _kuzzle_info: { author: 1 } };

  assert.deepEqual(refusal({ readOnly: ["*"] }, { changes }), []);
  assert.deepEqual(refusal({ readOnly: ["*.author"] }, { changes }), []);
  for (const path of [
    "_kuzzle_info",
    "_kuzzle_info.*",
    "_kuzzle_info.author",
  ]) {
    assert.equal(
      refusal({ readOnly: [path] }, { changes })[0],
      "field_read_only",
    );
  }
  assert.deepEqual(
    refusal({ readOnly: ["a.*"] }, { changes: { a: { _kuzzle_info: 1 } } }),
    ["field_read_only", "a"],
  );
});

it("treats names that every object has like any other", () => {
  const changes = json('{"__proto__":{"owner":1},"a":{"constructor":2}}');

  assert.deepEqual(
    refusal({ readOnly: ["owner", "toString"] }, { changes }),
    [],
  );
  assert.deepEqual(
    refusal({ readOnly: ["__proto__.owner", "a.constructor"] }, { changes }),
    ["field_read_only", "__proto__.owner", "a.constructor"],
  );
});

it("counts a field that is unset as one that is named", () => {
  const guards = { immutable: ["owner"], readOnly: ["a.b"] };

  for (const path of [["a", "b"], ["a"], ["a.b", "c"], ["a.b"]]) {
    assert.equal(refusal(guards, { unset: [path] })[0], "field_read_only");
  }
  assert.deepEqual(
    refusal(guards, { current: { owner: "x" }, unset: [["owner"]] }),
    ["field_immutable", "owner"],
  );
  assert.deepEqual(refusal(guards, { current: {}, unset: [["owner"]] }), []);
  assert.deepEqual(refusal(guards, { unset: [["b"]] }), []);
});

it("lets a user of one of the profiles write", () => {
  const guards = {
    writableBy: { credit: ["accountant", "admin"], "staff.*": ["hr"] },
  };
  const changes = { credit: 1, staff: { name: "x" } };

  assert.deepEqual(refusal(guards, { changes }), [
    "field_forbidden",
    "credit",
    "staff",
  ]);
  assert.deepEqual(refusal(guards, { changes, profileIds: ["x", "admin"] }), [
    "field_forbidden",
    "staff",
  ]);
  assert.deepEqual(
    refusal(guards, { changes, profileIds: ["accountant", "hr"] }),
    [],
  );
});

it("tells the fields of the first kind, ten at most", () => {
  const changes = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, field) => [`field${field}`, { a: 1 }]),
  );
  const guards = { readOnly: ["*.a", "field0"], writableBy: { field1: ["x"] } };

  assert.equal(refusal(guards, { changes }).length, 11);
  assert.throws(
    () =>
      checkGuards(find({ readOnly: ["a", "b.c"] }), target, {
        changes: { a: 1, b: 2 },
      }),
    { message: 'No update of the document "i/c/id" may change: a, b.' },
  );
});

it("lets a value be set once, and again if it is equal", () => {
  for (const [current, changes, passes] of [
    [{}, { owner: "x" }, true],
    [{ owner: null }, { owner: "x" }, true],
    [{ owner: {} }, { owner: { id: 1 } }, true],
    [{ owner: { id: null } }, { owner: "x" }, true],
    [{ owner: "x" }, { owner: "x" }, true],
    [{ owner: "x" }, { owner: "y" }, false],
    [{ owner: "x" }, { owner: null }, false],
    [{ owner: "x" }, { owner: {} }, false],
    [{ owner: "x" }, { owner: { id: 1 } }, false],
    [{ owner: "x" }, { "owner.id": 1 }, false],
    [{ owner: 0 }, { owner: false }, false],
    [{ owner: ["x", { y: 1 }] }, { owner: ["x", { y: 1 }] }, true],
    [{ owner: ["x", "y"] }, { owner: ["y", "x"] }, false],
    [{ owner: [] }, { owner: ["x"] }, false],
    [{ owner: { id: 1, name: "x" } }, { owner: { id: 1 } }, true],
    [{ owner: { id: 1, name: null } }, { owner: { id: 1, name: null } }, true],
    [{ owner: { id: 1 } }, { owner: {} }, true],
    [{ owner: { id: 1 } }, { "owner.id": 1 }, true],
    [{ "owner.id": 1 }, { owner: { id: 1 } }, true],
    [{ "owner.id": 1 }, { owner: { id: 2 } }, false],
    [{ owner: { id: 1 } }, { "owner.id": 2 }, false],
    [{ owner: { id: 1 } }, { owner: { id: 1, name: "x" } }, false],
    [{ owner: { id: 1 } }, { owner: 1 }, false],
    [{ owner: { id: 1, name: null } }, { owner: { name: {} } }, false],
    [{ "owner.id": 1, owner: { id: 2 } }, { owner: { id: 2 } }, false],
  ] as [JSONObject, JSONObject, boolean][]) {
    assert.deepEqual(
      refusal({ immutable: ["owner"] }, { changes, current }),
      passes ? [] : ["field_immutable", "owner"],
      JSON.stringify([current, changes]),
    );
  }
});

it("checks each field of an object separately, if the guard says so", () => {
  for (const [current, changes, passes] of [
    [{ a: { b: 1 } }, { a: { c: 1 } }, true],
    [{ a: { b: 1 } }, { a: { b: 1, c: { d: 1 } } }, true],
    [{ a: { b: null } }, { a: { b: { c: 1 } } }, true],
    [{ a: { b: { c: null } } }, { a: { b: 1 } }, true],
    [{ a: { b: 1 } }, { a: { b: 2 } }, false],
    [{ a: { b: 1 } }, { a: { b: { c: 1 } } }, false],
    [{ a: { b: { c: 1 } } }, { a: { b: 1 } }, false],
    [{ a: { b: 1 } }, { a: null }, false],
    [{ a: 1 }, { a: { b: 1 } }, false],
  ] as [JSONObject, JSONObject, boolean][]) {
    assert.deepEqual(
      refusal({ immutable: ["a.*"] }, { changes, current }),
      passes ? [] : ["field_immutable", "a"],
      JSON.stringify([current, changes]),
    );
  }
});

it("protects fields of an object that would be replaced", () => {
  for (const [current, changes, field] of [
    [{ a: { b: 1 } }, { a: null }, "a"],
    [{ a: { x: 1 } }, { a: null }, undefined],
    [{ a: 1 }, { a: { b: 1 } }, undefined],
    [{ a: [{ b: 1 }] }, { a: { x: 1 } }, "a"],
    [{ a: [{ b: 1 }] }, { a: [{ b: 1 }] }, undefined],
    [{ a: [{ b: 1 }] }, { a: [] }, "a"],
    [{ a: { b: 1 } }, { a: { x: 1 } }, undefined],
  ] as [JSONObject, JSONObject, string | undefined][]) {
    assert.deepEqual(
      refusal({ immutable: ["a.b"] }, { changes, current }),
      field === undefined ? [] : ["field_immutable", field],
      JSON.stringify([current, changes]),
    );
  }
});

it("refuses what it cannot know without the document", () => {
  assert.deepEqual(
    refusal({ immutable: ["owner"] }, { changes: { owner: 1 } }),
    ["field_immutable", "owner"],
  );
});

it("needs the document only if it must", () => {
  for (const [guards, changes, expected] of [
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
  ] as [FieldGuards, JSONObject, boolean][]) {
    assert.equal(needsCurrent(find(guards), { changes }), expected);
  }
  assert.equal(
    needsCurrent(find({ immutable: ["a"] }), {
      changes: {},
      unset: [["a", "b"]],
    }),
    true,
  );
});

it("handles any depth, in time proportional to the size", () => {
  const deep = (value: unknown): JSONObject => {
    for (let depth = 0; depth < 100_000; depth++) {
      value = { a: value };
    }
    return value as JSONObject;
  };
  const wide = (value: number) =>
    Object.fromEntries(
      Array.from({ length: 10_000 }, (_, key) => [`a.b${key}`, value]),
    );
  const lists = (): unknown[] => {
    let value: unknown[] = [];
    for (let depth = 0; depth < 100_000; depth++) {
      value = [value];
    }
    return value;
  };

  for (const path of ["a", "a.*"]) {
    const check = (current: JSONObject, changes: JSONObject) =>
      refusal({ immutable: [path] }, { changes, current }).length;

    assert.equal(check(deep(1), deep(1)), 0);
    assert.equal(check(deep(1), deep(2)), 2);
    assert.equal(check(deep(null), deep(2)), 0);
    assert.equal(check(wide(1), wide(1)), 0);
    assert.equal(check(wide(1), wide(2)), 2);
    assert.equal(check({ a: lists() }, { a: lists() }), 2);
  }
});

/** What Elasticsearch makes of a partial update: its `XContentHelper.update`. */
function merged(document: JSONObject, changes: JSONObject): JSONObject {
  const result = new Map(Object.entries(document));
  for (const [key, value] of Object.entries(changes)) {
    const before: unknown = result.get(key);
    result.set(
      key,
      isObject(before) && isObject(value) ? merged(before, value) : value,
    );
  }

  return Object.fromEntries(result);
}

it("never lets a guarded field change in the index", () => {
  let changed = 0;
  fc.assert(
    fc.property(guardedPath, documents, documents, (path, current, changes) => {
      const stored = merged(current, changes);
      const update = { changes, current };
      const before = beneath(current, path);
      const after = beneath(stored, path);

      if (refusal({ readOnly: [path] }, update).length === 0) {
        changed += Number(indexed(current).size !== indexed(stored).size);
        assert.deepEqual(after, before);
      }
      if (refusal({ writableBy: { [path]: ["x"] } }, update).length === 0) {
        assert.deepEqual(after, before);
      }
    }),
    { numRuns: 20_000 },
  );
  assert.ok(changed > 1_000);
});

it("never lets an immutable field change in the index once it is set", () => {
  let changed = 0;
  fc.assert(
    fc.property(guardedPath, documents, documents, (path, current, changes) => {
      if (refusal({ immutable: [path] }, { changes, current }).length > 0) {
        return;
      }
      const before = beneath(current, path);
      const after = beneath(merged(current, changes), path);
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

it("allows updates without guarded fields, and needs no document for that", () => {
  fc.assert(
    fc.property(guardedPath, documents, documents, (path, current, changes) => {
      const guards = { readOnly: [path] };
      if (!needsCurrent(find(guards), { changes })) {
        assert.deepEqual(
          refusal(guards, { changes }),
          refusal(guards, { changes, current }),
        );
      }
    }),
    { numRuns: 5_000 },
  );
});
