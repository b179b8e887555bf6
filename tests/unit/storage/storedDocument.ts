import assert from "node:assert/strict";
import { it } from "node:test";

import { documentVersion } from "../../../lib/storage/StoredDocument";

const told = { _primary_term: 1, _seq_no: 0, _version: 1 };

it("holds what tells the writes of a document apart", () => {
  assert.deepEqual(documentVersion(told), {
    primaryTerm: 1,
    seqNo: 0,
    version: 1,
  });
});

it("is none where that is not told, or is what storage takes for no condition", () => {
  for (const odd of [
    { _seq_no: undefined },
    { _seq_no: null },
    { _seq_no: -2 },
    { _seq_no: "3" },
    { _seq_no: 2 ** 53 },
    { _primary_term: undefined },
    { _primary_term: 0 },
    { _version: undefined },
    { _version: 0 },
    { _version: NaN },
  ]) {
    assert.equal(
      documentVersion({ ...told, ...odd }),
      undefined,
      JSON.stringify(odd),
    );
  }
});
