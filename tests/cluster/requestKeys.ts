import assert from "node:assert/strict";
import { after, before, describe, it, type TestContext } from "node:test";

import { CLIENTS } from "../change/countTogether";
import { documentOf, stored } from "../change/setting";
import type { Cluster } from "../support/Cluster";
import { everyNodeKnows } from "./everyNode";
import { KeyedClient, type Outcome } from "./KeyedClient";

const INCREMENTS = 40;
const ALL = CLIENTS * INCREMENTS;
const KILLED = 3;

export function requestKeys(of: () => Cluster): void {
  describe(`${INCREMENTS} increments by each of ${CLIENTS} clients, with a key each, while a node is killed`, () => {
    const outcomes: Outcome[] = [];
    let count: number;

    before(async () => {
      const cluster = of();
      const target = await cluster.createCollection("keys");
      const document = await stored(cluster, target, "counter", { count: 0 });
      await everyNodeKnows(cluster, document);
      // The anonymous user, whom all share, is refused a key.
      const jwt = await cluster.createUser("counter", {
        "*": { actions: { "*": true } },
      });
      const increment = {
        ...document,
        action: "modify",
        args: { source: true },
        body: { operators: { increment: { count: 1 } } },
        controller: "document-update",
      };
      let killed: Promise<void> | undefined;

      await Promise.all(
        Array.from({ length: CLIENTS }, async (_, number) => {
          const client = new KeyedClient(cluster, jwt, number);
          for (let n = 0; n < INCREMENTS; n++) {
            outcomes.push(await client.send(increment, `${number}-${n}`));
            if (outcomes.length > ALL / 2) {
              killed ??= cluster.nodes[KILLED].kill();
            }
          }
          await client.close();
        }),
      );
      await killed;

      const { content } = await documentOf(cluster, document);
      count = content["count"];
    });

    after(async () => {
      await of().has(2);
      await of().nodes[KILLED].start();
      await of().has(3);
    });

    const answers = () =>
      outcomes.flatMap((outcome) =>
        "answer" in outcome ? [Number(outcome.answer["_source"].count)] : [],
      );

    it("are counted once each, except those with an unknown outcome", (context: TestContext) => {
      const acknowledged = answers().length;
      assert.equal(outcomes.length, ALL);
      assert.ok(acknowledged <= count, `${acknowledged} > ${count}`);
      assert.ok(count <= ALL, `${count} > ${ALL}`);

      const again = outcomes.filter(({ sent }) => sent > 1).length;
      context.diagnostic(
        `${acknowledged} acknowledged, ${count} counted, ${ALL - acknowledged} of unknown outcome; ${again} sent more than once`,
      );
    });

    it("are each answered the count that they made", () => {
      const counts = answers();
      assert.equal(new Set(counts).size, counts.length);
      assert.ok(counts.every((each) => each >= 1 && each <= count));
    });

    it("were under way on the node that was killed", () => {
      assert.ok(outcomes.some(({ sent }) => sent > 1));
    });
  });
}
