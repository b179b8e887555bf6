import assert from "node:assert/strict";
import { it } from "node:test";

import type { TestApplication } from "../support/TestApplication";
import { errorsOf } from "./Crowd";
import { elasticsearch } from "./elasticsearch";
import { crowdOf } from "./setting";

const CLIENTS = 32;
const DOCUMENTS = 8;
const UPDATES = 1_000;
const ROUNDS = 2;
/** What clients get while the collection, or its documents, are not there. */
const AWAY =
  /^(404 services\.storage\.(unexpected_)?not_found|412 services\.storage\.unknown_collection)$/;

export function recreatedCollection(of: () => TestApplication): void {
  it("a collection that is deleted and created again under load stays a collection of Kuzzle's", async () => {
    const application = of();
    const { stage } = application;
    const definition = { mappings: { dynamic: "false" } };
    const target = await application.createCollection("recreated", definition);
    const ids = Array.from({ length: DOCUMENTS }, (_, n) => `document-${n}`);
    const createAll = () =>
      Promise.all(
        ids.map((_id) => elasticsearch(target, "PUT", `_doc/${_id}`, {})),
      );
    await createAll();
    const crowd = await crowdOf(application, CLIENTS);

    const sending = crowd.send({
      request: (client) => ({ ...target, _id: ids[client % DOCUMENTS]! }),
      updates: UPDATES,
    });
    for (let round = 0; round < ROUNDS; round++) {
      const collection = { ...target, controller: "collection" };
      await stage.call({ ...collection, action: "delete" });
      await stage.call({ ...collection, action: "create", body: definition });
      await createAll();
    }
    const sent = await sending;
    await crowd.close();

    const errors = errorsOf(sent);
    assert.deepEqual(
      [...new Set(errors)].filter((error) => !AWAY.test(error)),
      [],
    );
    assert.ok(errors.length < UPDATES, "nothing was stored");
    // Its mapping is the one that it was created with: no update has made an index.
    const mappings = await elasticsearch(target, "GET", "_mapping");
    assert.deepEqual(
      Object.values(mappings).map((each) => each.mappings.dynamic),
      ["false"],
    );
    const { error } = (
      await stage.send({
        ...target,
        _id: ids[0],
        action: "update",
        body: { later: true },
        controller: "document-update",
      })
    ).body;
    assert.equal(error, null);
  });
}
