import assert from "node:assert/strict";
import { it } from "node:test";

import { answerTo } from "../../../lib/write/fold";
import type { UpdatedDocument } from "../../../lib/write/delegateUpdate";
import { anUpdate } from "../../support/aWrite";

const metadata = { updatedAt: 1, updater: "joe" };
const folded = {
  _id: "liia",
  _source: { _kuzzle_info: metadata, a: 1, b: 2 },
  _version: 3,
} as unknown as UpdatedDocument;

it("answers an update its own changes, with metadata of its own", () => {
  const body = { a: 1 };
  const { _source, ...rest } = answerTo(folded, anUpdate({ body }));

  assert.deepEqual(rest, { _id: "liia", _version: 3 });
  assert.deepEqual(_source, { _kuzzle_info: metadata, a: 1 });
  assert.notEqual(_source._kuzzle_info, metadata);
  assert.deepEqual(body, { a: 1 });
});

it("answers a copy of the document, with source", () => {
  const answer = answerTo(folded, anUpdate({ options: { source: true } }));

  assert.deepEqual(answer, folded);
  assert.notEqual(answer._source, folded._source);
});

it("answers the document itself where it is too deep to be copied", () => {
  let deep = {};
  for (let depth = 0; depth < 100_000; depth++) {
    deep = { deep };
  }
  const stored = { ...folded, _source: { deep } };

  assert.equal(
    answerTo(stored, anUpdate({ options: { source: true } })),
    stored,
  );
});
