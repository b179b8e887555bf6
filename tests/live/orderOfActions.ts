import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import { documentOf, stored } from "../change/setting";
import { PipelinedSocket } from "../support/PipelinedSocket";
import type { Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";

const ROUNDS = 50;

const ways = [
  ["document-update:update", "document-update", "ordered"],
  ["document-update:update, folded", "document-update", "fold-ordered"],
  ["document:update, intercepted", "document", "ordered-natively"],
  ["document:update, intercepted and folded", "document", "fold-natively"],
] as const;

/** @param of an application that intercepts */
export function orderOfActions(of: () => TestApplication): void {
  describe(`${ROUNDS} rounds of updates and modifications of one connection`, () => {
    let socket: PipelinedSocket;
    before(async () => {
      socket = await PipelinedSocket.connect(of().port);
      return () => socket.close();
    });

    for (const [way, controller, name] of ways) {
      it(`are stored in the order in which they were sent, by ${way}`, async () => {
        const target = await of().createCollection(name);

        const outOfOrder: unknown[] = [];
        for (let round = 0; round < ROUNDS; round++) {
          const { content, sent } = await storedBy(target, controller, round);
          if (content["n"] !== sent) {
            outOfOrder.push({ ...content, round, sent });
          }
        }

        assert.deepEqual(outOfOrder, []);
      });
    }

    /** Each of the requests depends on the one before, or is replaced by the one after. */
    async function storedBy(target: Target, controller: string, round: number) {
      const document = await stored(of(), target, `round-${round}`, { n: 0 });
      const update = (n: number) =>
        socket.send({ ...document, action: "update", body: { n }, controller });
      const add = (n: number) =>
        socket.send({
          ...document,
          action: "modify",
          body: { operators: { increment: { n } } },
          controller: "document-update",
        });

      const answers = await Promise.all([
        add(1),
        update(10),
        add(2),
        update(20),
        update(30),
        add(3),
        add(4),
      ]);

      assert.deepEqual(
        answers.map(({ body }) => body["error"]),
        answers.map(() => null),
      );
      const { content } = await documentOf(of(), document);

      return { content, sent: 37 };
    }
  });
}
