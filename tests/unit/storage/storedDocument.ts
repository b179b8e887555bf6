import assert from "node:assert/strict";
import { it } from "node:test";

import { documentVersion } from "../../../lib/storage/readDocuments";

const told = { _primary_term: 1, _seq_no: 0, _version: 1 };

it("has the sequence number and primary term of a document", () => {
  assert.deepEqual(documentVersion(told), {
    primaryTerm: 1,
    seqNo: 0,
    version: 1,
  });
});

it("is undefined if these are missing, or mean no condition to storage", () => {
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
