import assert from "node:assert/strict";
import { it } from "node:test";

import { errorsOf, lastValues } from "../contention/Crowd";
import { elasticsearch } from "../contention/elasticsearch";
import {
  contentOf,
  createDocument,
  crowdOf,
  kept,
} from "../contention/setting";
import type { TestApplication } from "../support/TestApplication";

const CLIENTS = 16;
const UPDATES = 320;

/** @param of an application that intercepts */
export function otherWriters(of: () => TestApplication): void {
  it("updates do not fail because Elasticsearch itself writes the document, and overwrite nothing of it", async () => {
    const _id = "shared";
    const target = await of().createCollection("other-writers");
    await createDocument(of(), target, _id);
    const crowd = await crowdOf(of(), CLIENTS);
    let isOver = false;
    const directly = async () => {
      const path = `_update/${_id}?retry_on_conflict=100`;
      let value = 0;
      while (!isOver) {
        await elasticsearch(target, "POST", path, {
          doc: { directly: ++value },
        });
      }
      return value;
    };
    const others = directly();

    const sent = await crowd.send({
      request: (client) => ({
        ...target,
        _id,
        controller: client % 2 === 0 ? "document" : "document-update",
      }),
      updates: UPDATES,
    });
    isOver = true;
    await crowd.close();

    assert.deepEqual(errorsOf(sent), []);
    assert.deepEqual(await contentOf(of(), target, _id), {
      ...kept,
      ...lastValues(sent)[_id],
      directly: await others,
    });
  });
}
