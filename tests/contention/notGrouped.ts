import assert from "node:assert/strict";
import { it } from "node:test";

import { PipelinedSocket } from "../support/PipelinedSocket";
import type { TestApplication } from "../support/TestApplication";
import { contentOf, createDocument, kept, statsOf } from "./setting";

const DOCUMENTS = 100;
/** The documents whose update the specifications do not allow. */
const isBad = (n: number) => n % 10 === 3;

export function notGrouped(of: () => TestApplication): void {
  it("validates each update of a collection with specifications, and groups none", async () => {
    const application = of();
    const { port, stage } = application;
    const target = await application.createCollection("group-specified");
    const ids = Array.from({ length: DOCUMENTS }, (_, n) => `document-${n}`);
    for (const _id of ids) {
      await createDocument(application, target, _id);
    }
    await stage.call({
      ...target,
      action: "updateSpecifications",
      body: { fields: { seats: { type: "integer" } }, strict: false },
      controller: "collection",
    });
    const socket = await PipelinedSocket.connect(port);
    const update = async (n: number, controller = "document-update") => {
      const { body } = await socket.send({
        ...target,
        _id: ids[n],
        action: "update",
        body: { seats: isBad(n) ? "a text where an integer is due" : n },
        controller,
      });
      const { id, message, status } = body["error"] ?? {};

      return { id, message, status };
    };
    const native = await update(
      ids.findIndex((_, n) => isBad(n)),
      "document",
    );
    const { groups: before } = await statsOf(application);

    const outcomes = await Promise.all(ids.map((_, n) => update(n)));
    const { groups } = await statsOf(application);
    await socket.close();

    assert.deepEqual(groups, before);
    assert.match(String(native.id), /^validation\./);
    for (const [n, outcome] of outcomes.entries()) {
      const content = await contentOf(application, target, `document-${n}`);
      if (isBad(n)) {
        assert.deepEqual(outcome, native);
        assert.deepEqual(content, kept);
      } else {
        assert.equal(outcome.id, undefined);
        assert.deepEqual(content, { ...kept, seats: n });
      }
    }
  });
}
