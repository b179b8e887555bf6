import assert from "node:assert/strict";
import { it } from "node:test";

import { wholeDocument } from "../../../lib/change/merge";
import { frozen } from "../../support/aDocument";
import { refusal } from "../../support/refusal";

it("makes the whole document from the read one and the changes, without the removed fields", () => {
  const source = frozen({
    a: { b: 1, c: { d: 2, e: 3 } },
    gone: 1,
    kept: [1, 2],
  });
  const changes = frozen({
    _kuzzle_info: { updater: "joe" },
    a: { b: 5, c: { d: null } },
    gone: null,
    nothing: null,
  });

  assert.deepEqual(
    wholeDocument(source, changes, [["gone"], ["a", "c", "d"]]),
    {
      _kuzzle_info: { updater: "joe" },
      a: { b: 5, c: { e: 3 } },
      kept: [1, 2],
      nothing: null,
    },
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
    (error: { readonly props: readonly string[] }) => {
      assert.match(String(error.props), /^x,.*exactly, .*9007199254740992/);
      return true;
    },
  );
});
