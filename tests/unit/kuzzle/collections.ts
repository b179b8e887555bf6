import assert from "node:assert/strict";
import { it } from "node:test";

import { aliasOf, collectionOf } from "../../../lib/kuzzle/collections";

it("names a collection as Elasticsearch knows it, and back", () => {
  assert.equal(aliasOf("iot", "taxis"), "@&iot.taxis");
  for (const [index, collection] of [
    ["iot", "taxis"],
    ["nyc-open-data", "yellow-taxi"],
    ["@&", "with.dots"],
  ] as const) {
    const alias = aliasOf(index, collection);

    assert.deepEqual(collectionOf(alias), { collection, index });
  }
});

it("takes no other name for a collection", () => {
  for (const alias of [
    "@%kuzzle.users",
    "&iot.taxis",
    "x@&iot.taxis",
    "@&iot",
    "@&iot.",
    "@&.taxis",
    "",
    undefined,
    null,
    5,
  ]) {
    assert.equal(collectionOf(alias), undefined, String(alias));
  }
});
