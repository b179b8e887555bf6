import assert from "node:assert/strict";
import { it } from "node:test";

import { nativeResult } from "../../lib/request/nativeResult";

const body = { seats: 5 };
const info = { author: "-1", createdAt: 1, updatedAt: 2, updater: "-1" };

it("leaves the result of Kuzzle 2.49 and later as it is", () => {
  const document = {
    _id: "liia",
    _source: { _kuzzle_info: info, seats: 5 },
    _version: 2,
  };

  assert.equal(nativeResult(document, body), document);
});

it("puts the body of the request in the result of an earlier Kuzzle, in the order of native", () => {
  const result = nativeResult(
    { _id: "liia", _source: { seats: 5 }, _version: 2 },
    body,
  );

  assert.equal(result._source, body);
  assert.deepEqual(Object.entries(result), [
    ["_id", "liia"],
    ["_source", body],
    ["_version", 2],
  ]);
});
