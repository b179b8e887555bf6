import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";

import {
  findOverlap,
  formatPath,
  parsePath,
  type Path,
  valueAt,
} from "../../../lib/change/paths";
import { aDeepDocument } from "../../support/aDocument";
import { refusal } from "../../support/refusal";

const aName = fc
  .oneof(
    fc.string({ minLength: 1, unit: "grapheme" }),
    fc.string({ minLength: 1, unit: fc.constantFrom("a", ".", "\\", "_") }),
  )
  .filter((name) => name !== "constructor" && name !== "__proto__");
const aPath = fc.array(aName, { maxLength: 200, minLength: 1 });
const aShortPath = fc.array<string>(
  fc.constantFrom("a", "b", "a.b", "a-b", "\0"),
  {
    maxLength: 4,
    minLength: 1,
  },
);

it("reads names with dots between them, and distinguishes an escaped dot", () => {
  for (const [text, ...path] of [
    ["a", "a"],
    ["size.total", "size", "total"],
    ["a\\.b.c", "a.b", "c"],
    ["a\\\\.b", "a\\", "b"],
  ] as const) {
    assert.deepEqual(parsePath(text), path);
  }
});

it("reads again whatever path it writes", () => {
  fc.assert(
    fc.property(aPath, (path) => {
      assert.deepEqual(parsePath(formatPath(path)), path);
    }),
  );
});

it("writes again whatever text it reads, and refuses any other as a path", () => {
  const texts = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom("a", ".", "\\") }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      let path: Path;
      try {
        path = parsePath(text);
      } catch (error) {
        const { id } = error as { id: string };
        assert.equal(id, "plugin.document-update.operator_path");
        return;
      }
      assert.equal(formatPath(path), text);
    }),
    { numRuns: 1_000 },
  );
});

const MALFORMED: Readonly<Record<string, readonly string[]>> = {
  '"__proto__" cannot be the name of a field': ["__proto__", "a.__proto__.b"],
  '"constructor" cannot be the name of a field': ["a.constructor"],
  "a backslash stands before a dot or a backslash": ["a\\", "\\a", "a.\\\\\\"],
  "it has an empty name": ["", ".", "a.", ".a", "a..b"],
  "it has more than 200 names": [
    Array.from({ length: 201 }, () => "a").join("."),
    ".".repeat(1_000_000),
  ],
};

it("refuses a malformed path, and tells why", () => {
  for (const [reason, texts] of Object.entries(MALFORMED)) {
    for (const text of texts) {
      assert.throws(
        () => parsePath(text),
        refusal("operator_path", text, reason),
      );
    }
  }
});

it("finds the value of a field, at any depth, but none that the document does not have itself", () => {
  const document = { a: { b: [1], e: {} }, "a.b": 2, c: null };
  const path = Array.from({ length: 200 }, () => "a");

  for (const [at, value] of [
    [["a", "b"], [1]],
    [["a.b"], 2],
    [["c"], null],
  ] as const) {
    assert.deepEqual(valueAt(document, at), { kind: "found", value });
  }
  assert.equal(valueAt(aDeepDocument(1), path).kind, "found");
  for (const at of [
    ...[["b"], ["a", "c"], ["a", "e", "f"], ["b", "c", "d"], ["c", "d"]],
    ...["toString", "constructor", "__proto__"].flatMap((name) => [
      ...[[name], [name, "name"]],
    ]),
  ]) {
    assert.deepEqual(valueAt(document, at), { kind: "missing" });
  }
});

it("reports a value on the path that has no fields", () => {
  for (const value of [[{ c: 1 }], "text", 1, true]) {
    assert.deepEqual(valueAt({ a: { b: value } }, ["a", "b", "0", "c"]), {
      kind: "obstructed",
      path: ["a", "b"],
      value,
    });
  }
});

const isAtOrIn = (path: Path, other: Path) =>
  path.every((name, depth) => name === other[depth]);

it("finds two paths that are equal, or one inside the other, where there are any", () => {
  fc.assert(
    fc.property(fc.array(aShortPath), (paths) => {
      const overlap = findOverlap(paths);

      assert.equal(
        overlap !== undefined,
        paths.some((one, index) =>
          paths.some(
            (other, another) => index !== another && isAtOrIn(one, other),
          ),
        ),
      );
      if (overlap) {
        const [one, other] = overlap as [string[], string[]];
        assert.ok(paths.includes(one) && paths.includes(other));
        assert.ok(isAtOrIn(one, other));
      }
    }),
    { numRuns: 2_000 },
  );
});

it("finds the only overlap among 10,000 deep paths without comparing all with all", () => {
  const inside = Array.from({ length: 50 }, () => "a");
  const paths = Array.from({ length: 10_000 }, (_, number) => [
    ...inside,
    String(number),
  ]);
  const start = performance.now();

  assert.equal(findOverlap(paths), undefined);
  const last = [...inside, "777", "a"];
  assert.deepEqual(findOverlap([...paths, last]), [paths[777], last]);
  assert.ok(performance.now() - start < 5_000);
});
