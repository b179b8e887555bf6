import assert from "node:assert/strict";
import { it } from "node:test";

import { nativeResult } from "../../../lib/request/nativeRequest";
import { anUpdate } from "../../support/aWrite";

const body = { seats: 5 };
const info = { author: "-1", createdAt: 1, updatedAt: 2, updater: "-1" };
const written = Promise.resolve({
  _id: "liia",
  _source: { _kuzzle_info: info, seats: 5 },
  _version: 2,
});

it("leaves the result of Kuzzle 2.49 and later as it is", () => {
  const update = anUpdate({ body });

  assert.equal(nativeResult(written, update, false), written);
  // The Kuzzle of the unit tests is a later one.
  assert.equal(nativeResult(written, update), written);
});

it("puts the body of the request in the result of an earlier Kuzzle, in the order of native", async () => {
  const result = await nativeResult(written, anUpdate({ body }), true);

  assert.equal(result._source, body);
  assert.deepEqual(Object.entries(result), [
    ["_id", "liia"],
    ["_source", body],
    ["_version", 2],
  ]);
});

it("leaves the whole document that an earlier Kuzzle was asked for", () => {
  const update = anUpdate({ body, options: { source: true } });

  assert.equal(nativeResult(written, update, true), written);
});
