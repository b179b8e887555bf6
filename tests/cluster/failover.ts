import assert from "node:assert/strict";
import { before, describe, it, type TestContext } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import { documentOf, stored as storedAs } from "../change/setting";
import { type Cluster, nodeNumbers } from "../support/Cluster";
import { until } from "../support/until";
import { Audience } from "./Audience";
import { everyNodeKnows } from "./everyNode";
import { KeyedLoad } from "./KeyedLoad";
import { controllers, setting } from "./setting";
import { type SentUpdate, UpdateLoad } from "./UpdateLoad";

/** Updates that each client has acknowledged before a node is killed, and after it was given up. */
const UPDATES = 20;
const KILLED = 3;
const SHARED = ["shared-1", "shared-2"];
/** Clients that increment one counter, with a request key each time. */
const COUNTING = 16;

/** A client of each controller on each node. A document has the name of the client that updates it alone. */
const names = nodeNumbers.flatMap((node) =>
  controllers.map((controller) => ({
    controller,
    name: `client-${node}-${controller}`,
    node,
  })),
);

export function failover(of: () => Cluster): void {
  describe("a node that is killed under load", () => {
    let loads: UpdateLoad[];
    /** Those of the other nodes. */
    let living: UpdateLoad[];
    let counting: KeyedLoad[];
    let counted: number;
    let killedAt: number;
    let gaveUpAt: number;
    let stored: Record<string, JSONObject>;

    before(async () => {
      const cluster = of();
      const target = await cluster.createCollection("failover", {
        mappings: { dynamic: "false" },
      });
      const ids = [...SHARED, ...names.map(({ name }) => name)];
      await cluster.stage.call({
        ...target,
        action: "mCreate",
        body: { documents: ids.map((_id) => ({ _id, body: {} })) },
        controller: "document",
      });
      const counter = await storedAs(cluster, target, "counter", { count: 0 });
      await everyNodeKnows(cluster, counter);

      loads = await Promise.all(
        names.map(async ({ controller, name, node }) => {
          const update = {
            ...target,
            action: "update",
            args: { retryOnConflict: 50 },
            controller,
          };
          const client = await cluster.connect(node);
          return new UpdateLoad(client, node, name, update, [name, ...SHARED]);
        }),
      );
      living = loads.filter(({ node }) => node !== KILLED);
      const increment = {
        ...counter,
        action: "modify",
        args: { source: true },
        body: { operators: { increment: { count: 1 } } },
        controller: "document-update",
        // The anonymous user, whom all share, is refused a key.
        jwt: await cluster.createUser("counter", {
          "*": { actions: { "*": true } },
        }),
      };
      counting = Array.from(
        { length: COUNTING },
        (_, number) => new KeyedLoad(cluster, number, increment),
      );
      await allGoOn(loads, 0);
      await until("a counted increment of each client", async () =>
        counting.every(({ outcomes }) => outcomes.length > 0),
      );

      const evictions = await cluster.evictions();
      killedAt = Date.now();
      await cluster.nodes[KILLED].kill();
      await until(
        "the other nodes giving it up",
        async () => (await cluster.evictions()) > evictions,
      );
      gaveUpAt = Date.now();
      await allGoOn(living, gaveUpAt);

      for (const load of [...loads, ...counting]) {
        load.stop();
      }
      await Promise.all([...loads, ...counting].map(({ ended }) => ended));
      const { successes } = (await cluster.stage.call({
        ...target,
        action: "mGet",
        body: { ids },
        controller: "document",
      })) as { successes: JSONObject[] };
      stored = Object.fromEntries(
        successes.map(({ _id, _source }) => [_id, _source]),
      );
      counted = (await documentOf(cluster, counter)).content["count"];
    });

    const all = () => loads.flatMap(({ sent }) => sent);

    it("leaves only requests without an answer whose connection ended", () => {
      const unanswered = all().filter(
        ({ outcome }) => outcome === "unanswered",
      );
      assert.deepEqual(unanswered, []);

      for (const { node, sent } of loads) {
        const lost = sent.filter(({ outcome }) => outcome === "lost");
        assert.equal(lost.length, node === KILLED ? 1 : 0);
      }
    });

    it("leaves every acknowledged update in storage", (context: TestContext) => {
      const acknowledged = loads.flatMap((load) => load.acknowledged());
      const missing = acknowledged.filter((each) => storedFields(each) !== 2);

      assert.deepEqual(missing, []);
      context.diagnostic(
        `${acknowledged.length} updates acknowledged, all of them stored`,
      );
    });

    it("leaves no update half stored", () => {
      assert.deepEqual(
        all().filter((each) => storedFields(each) === 1),
        [],
      );
    });

    it("does not stop the clients of the other nodes", (context: TestContext) => {
      const refused = living.flatMap(({ sent }) =>
        sent.filter(({ outcome }) => outcome === "refused"),
      );
      assert.deepEqual(refused, []);

      const pauses = living.map(longestPause);
      context.diagnostic(
        `given up after ${gaveUpAt - killedAt} ms; longest pause of a client of another node ${Math.max(...pauses)} ms`,
      );
    });

    it("counts each increment with a request key once, except those with an unknown outcome", (context: TestContext) => {
      const outcomes = counting.flatMap((load) => load.outcomes);
      const answers = outcomes.flatMap((outcome) =>
        "answer" in outcome ? [Number(outcome.answer["_source"].count)] : [],
      );
      const unknown = outcomes.length - answers.length;

      assert.equal(new Set(answers).size, answers.length);
      assert.ok(answers.every((count) => count >= 1 && count <= counted));
      assert.ok(answers.length <= counted, `${answers.length} > ${counted}`);
      assert.ok(counted <= outcomes.length, `${counted} > ${outcomes.length}`);

      const again = outcomes.filter(({ sent }) => sent > 1).length;
      assert.ok(again > 0, "none was under way on the node that was killed");
      context.diagnostic(
        `${answers.length} acknowledged, ${counted} counted, ${unknown} of unknown outcome; ${again} sent more than once`,
      );
    });

    it("ends when the node is started again, here without interception: it joins, updates and notifies", async () => {
      const cluster = of();
      await cluster.nodes[KILLED].start({
        [setting("interceptNative")]: "false",
      });
      await cluster.has(3);

      const audience = await Audience.gather(cluster);
      for (const node of nodeNumbers) {
        await audience.assertNotified("document-update", node);
      }
      for (const node of [1, KILLED] as const) {
        await audience.assertNotified("document", node);
        assert.equal(await audience.isIntercepted(node), node !== KILLED);
      }
      await audience.close();
    });

    /** How many of the two fields of an update are stored. */
    function storedFields({ _id, fields }: SentUpdate): number {
      return fields.filter((field) => stored[_id]?.[field] !== undefined)
        .length;
    }

    /** Longest time between two acknowledgements after the kill, in ms. */
    function longestPause(load: UpdateLoad): number {
      const times = load.acknowledged(killedAt).map(({ at }) => at);
      const gaps = times.map(
        (at, position) => at - (times[position - 1] ?? killedAt),
      );
      return Math.max(...gaps);
    }
  });
}

/** Waits until each client had more updates acknowledged after a moment. */
function allGoOn(loads: readonly UpdateLoad[], since: number): Promise<void> {
  return until("acknowledgements to every client", async () =>
    loads.every((load) => load.acknowledged(since).length >= UPDATES),
  );
}
