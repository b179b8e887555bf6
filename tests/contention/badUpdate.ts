import assert from "node:assert/strict";
import { it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import { PipelinedSocket } from "../support/PipelinedSocket";
import type { TestApplication } from "../support/TestApplication";
import { contentOf, createDocument, kept, statsOf } from "./setting";

const FIELDS = Array.from({ length: 30 }, (_, n) => `seats-${n}`);
/** Updates that storage refuses. */
const BAD = [
  { "seats-3": "a text where an integer is due" },
  { unmapped: "a field that the mapping does not know" },
];

export function badUpdate(of: () => TestApplication): void {
  it("a bad update that is folded with others fails alone, as natively", async () => {
    const _id = "hot";
    const application = of();
    const integers = FIELDS.map((field) => [field, { type: "integer" }]);
    const target = await application.createCollection("fold-strict", {
      mappings: {
        dynamic: "strict",
        properties: {
          ...Object.fromEntries(integers),
          kept: { type: "boolean" },
        },
      },
    });
    await createDocument(application, target, _id);
    const socket = await PipelinedSocket.connect(application.port);
    const update = async (body: JSONObject, controller = "document-update") => {
      const request = { ...target, _id, action: "update", body, controller };
      const { body: answer } = await socket.send(request);
      const { id, message, status } = answer["error"] ?? {};

      return { id, message, status };
    };
    const native = [];
    for (const body of BAD) {
      native.push(await update(body, "document"));
    }
    const { folds: before } = await statsOf(application);

    const good = FIELDS.map((field, n) => ({ [field]: n }));
    const half = good.length / 2;
    const bodies = [...good.slice(0, half), ...BAD, ...good.slice(half)];
    const outcomes = await Promise.all(bodies.map((body) => update(body)));
    const { folds } = await statsOf(application);
    await socket.close();

    assert.deepEqual(outcomes.splice(half, BAD.length), native);
    assert.ok(
      native.every(({ id }) => String(id).startsWith("services.storage.")),
    );
    assert.deepEqual(
      outcomes.filter(({ id }) => id !== undefined),
      [],
    );
    assert.deepEqual(await contentOf(application, target, _id), {
      ...kept,
      ...Object.assign({}, ...good),
    });
    assert.ok(folds.count > before.count, "nothing was folded");
  });
}
