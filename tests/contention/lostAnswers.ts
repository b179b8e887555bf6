import assert from "node:assert/strict";
import { it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import type { Site } from "./slowBatch";
import { PipelinedSocket } from "../support/PipelinedSocket";
import { documentOf, stored } from "../change/setting";

const CLIENTS = 16;
const INCREMENTS = 20;
const UNKNOWN = "409 plugin.document-update.outcome_unknown";

export function lostAnswers(of: () => Site): void {
  it("conditional writes of which some get lost are stored once, or of unknown outcome", async () => {
    const { application, proxy } = of();
    const target = await application.createCollection("lost-writes");
    const document = await stored(application, target, "lost", { count: 0 });
    const lost = { answers: 0, requests: 0 };
    let writes = 0;
    proxy.meddle = async ({ body, path }, forward) => {
      if (!(path + body).includes("if_seq_no")) {
        return forward();
      }
      const write = ++writes;
      if (write % 10 === 5) {
        lost.requests++;
        return undefined;
      }
      const answer = await forward();
      if (write % 10 === 0) {
        lost.answers++;
        return undefined;
      }
      return answer;
    };

    const answers: JSONObject[] = [];
    await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        const socket = await PipelinedSocket.connect(application.port);
        for (let n = 0; n < INCREMENTS; n++) {
          const { body } = await socket.send({
            ...document,
            action: "modify",
            args: { source: true },
            body: { operators: { increment: { count: 1 } } },
            controller: "document-update",
          });
          answers.push(body);
        }
        await socket.close();
      }),
    );
    proxy.meddle = (_, forward) => forward();

    const errors = answers.flatMap(({ error }) =>
      error === null ? [] : [`${error.status} ${error.id}`],
    );
    // A request that did not arrive is sent again, and stored then.
    assert.ok(lost.requests > 0);
    assert.deepEqual(
      errors,
      Array.from({ length: lost.answers }, () => UNKNOWN),
    );
    // Those whose answer was lost were stored, and not computed anew.
    const { content } = await documentOf(application, document);
    assert.equal(content["count"], CLIENTS * INCREMENTS);
    const counts = answers
      .filter(({ error }) => error === null)
      .map(({ result }) => Number(result._source.count));
    assert.equal(new Set(counts).size, counts.length);
  });
}
