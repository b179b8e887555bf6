import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { PipelinedSocket } from "../support/PipelinedSocket";
import type { TestApplication } from "../support/TestApplication";
import { CLIENTS, countTogether } from "./countTogether";
import { documentOf, stored } from "./setting";

const INCREMENTS = 2;
/** Of each of the clients of one document that count, and of those that do not. */
const EACH = 2;

export function counters(of: () => TestApplication): void {
  describe(`increments of one counter by ${CLIENTS} clients`, () => {
    countTogether(
      () => ({
        connect: () => PipelinedSocket.connect(of().port),
        staged: of(),
      }),
      INCREMENTS,
    );

    it("and plain updates of the document do not block each other", async () => {
      const target = await of().createCollection("turns");
      const document = await stored(of(), target, "both", { count: 0 });
      const errors: unknown[] = [];
      const client = async (n: number) => {
        const socket = await PipelinedSocket.connect(of().port);
        for (let value = 1; value <= EACH; value++) {
          const { body } = await socket.send({
            ...document,
            controller: "document-update",
            ...(n < 8
              ? {
                  action: "modify",
                  body: { operators: { increment: { count: 1 } } },
                }
              : { action: "update", body: { [`client-${n}`]: value } }),
          });
          if (body["error"] !== null) {
            errors.push(body["error"]);
          }
        }
        await socket.close();
      };
      await Promise.all(Array.from({ length: 72 }, (_, n) => client(n)));

      assert.deepEqual(errors, []);
      const { content, version } = await documentOf(of(), document);
      assert.equal(content["count"], 8 * EACH);
      assert.equal(version, 1 + 72 * EACH);
      assert.ok(
        Array.from({ length: 64 }, (_, n) => content[`client-${n + 8}`]).every(
          (value) => value === EACH,
        ),
      );
    });
  });
}
