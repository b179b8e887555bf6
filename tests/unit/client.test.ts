import assert from "node:assert/strict";
import { it } from "node:test";

import type { Kuzzle } from "kuzzle-sdk";

import { DocumentUpdateController } from "../../lib/client";

function aKuzzle() {
  const queries: unknown[][] = [];
  const kuzzle = {
    query: async (...args: unknown[]) => {
      queries.push(args);
      return { result: { _id: "liia" } };
    },
  };
  return { kuzzle: kuzzle as unknown as Kuzzle, queries };
}

it("sends the update to the plugin's controller and returns its result", async () => {
  const { kuzzle, queries } = aKuzzle();
  const options = { retryOnConflict: 3, silent: true, source: true };

  const result = await new DocumentUpdateController(kuzzle).update(
    "i",
    "c",
    "liia",
    { seats: 5 },
    options,
  );

  assert.deepEqual(result, { _id: "liia" });
  assert.deepEqual(queries, [
    [
      {
        _id: "liia",
        action: "update",
        body: { seats: 5 },
        collection: "c",
        controller: "document-update",
        index: "i",
        ...options,
      },
      options,
    ],
  ]);
});

it("speaks to a controller of another name", async () => {
  const { kuzzle, queries } = aKuzzle();

  await new DocumentUpdateController(kuzzle, "taxis").update(
    "i",
    "c",
    "liia",
    {},
  );

  assert.equal((queries[0]?.[0] as { controller: string }).controller, "taxis");
});

it("asks for the figures of the update action", async () => {
  const { kuzzle, queries } = aKuzzle();

  assert.deepEqual(await new DocumentUpdateController(kuzzle).stats(), {
    _id: "liia",
  });
  assert.deepEqual(queries, [
    [{ action: "stats", controller: "document-update" }, {}],
  ]);
});
