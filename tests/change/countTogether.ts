import assert from "node:assert/strict";
import { before, it, type TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import type { JSONObject } from "kuzzle-sdk";

import { elasticsearch } from "../contention/elasticsearch";
import type { PipelinedSocket } from "../support/PipelinedSocket";
import type { Target } from "../support/request";
import type { Stage } from "../support/Stage";
import { documentOf, stored } from "./setting";

export const CLIENTS = 64;
/** Pause of the others between an answer and their next write, in ms. */
const PAUSE_MS = 20;

/** Where a counter is, and how its clients reach it. */
export interface Site {
  readonly staged: Stage & { readonly elasticsearchUrl: string };
  /** Opens the connection of a client, by its number. */
  readonly connect: (client: number) => Promise<PipelinedSocket>;
  /** Waits until all that clients are connected to know a document, where that is not at once. */
  readonly isKnown?: (document: Target & { _id: string }) => Promise<void>;
}

/** Has clients increment one counter, while others write its document past the plugin. */
export function countTogether(
  of: () => Site,
  increments: number,
  clients = CLIENTS,
): void {
  const all = clients * increments;
  let content: JSONObject;
  let answers: readonly JSONObject[];
  /** The last value that each of the others was acknowledged. */
  let others: Readonly<Record<string, number>>;
  /** How long the increments took. */
  let seconds: number;

  before(async () => {
    const { connect, isKnown, staged } = of();
    const target = await staged.createCollection("counters");
    const document = await stored(staged, target, "counter", { count: 0 });
    await isKnown?.(document);
    const sockets = await Promise.all(
      Array.from({ length: clients }, (_, client) => connect(client)),
    );
    let isOver = false;
    const beside = async (write: (value: number) => Promise<JSONObject>) => {
      let acknowledged = 0;
      for (let value = 1; !isOver; value++) {
        const { body } = await write(value);
        acknowledged = body["error"] ? acknowledged : value;
        await pause(PAUSE_MS);
      }
      return acknowledged;
    };
    const natively = beside((value) =>
      staged.stage.send({
        ...document,
        action: "update",
        args: { retryOnConflict: 50 },
        body: { natively: value },
        controller: "document",
      }),
    );
    const directly = beside(async (value) => ({
      body: await elasticsearch(
        target,
        "POST",
        "_update/counter?retry_on_conflict=50",
        { doc: { directly: value } },
        staged.elasticsearchUrl,
      ),
    }));
    const increment = {
      ...document,
      action: "modify",
      args: { source: true },
      body: { operators: { increment: { count: 1 } } },
      controller: "document-update",
    };

    const start = performance.now();

    answers = (
      await Promise.all(
        sockets.map(async (socket) => {
          const own: JSONObject[] = [];
          for (let n = 0; n < increments; n++) {
            const { body } = await socket.send(increment);
            own.push(body);
          }
          await socket.close();
          return own;
        }),
      )
    ).flat();
    seconds = (performance.now() - start) / 1000;
    isOver = true;
    others = { directly: await directly, natively: await natively };
    ({ content } = await documentOf(staged, document));
  });

  it("are all acknowledged", () => {
    const errors = answers.filter(({ error }) => error !== null);
    assert.equal(answers.length, all);
    assert.deepEqual(errors.slice(0, 3), []);
  });

  it("are each counted once, and answered the count that they made", () => {
    assert.equal(content["count"], all);
    assert.deepEqual(
      answers
        .map(({ result }) => Number(result._source.count))
        .sort((one, other) => one - other),
      Array.from({ length: all }, (_, n) => n + 1),
    );
  });

  it("do not overwrite what others write without the plugin", (context: TestContext) => {
    assert.deepEqual(content, { ...others, count: all });
    context.diagnostic(
      `${all} increments took ${seconds.toFixed(1)} s: ${Math.round(all / seconds)} a second, beside ${others["natively"]} native updates and ${others["directly"]} of Elasticsearch itself`,
    );
  });
}
