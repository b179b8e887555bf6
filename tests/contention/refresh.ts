import assert from "node:assert/strict";
import { it } from "node:test";

import { documentOf, errorOf, stored } from "../change/setting";
import { PipelinedSocket } from "../support/PipelinedSocket";
import type { TestApplication } from "../support/TestApplication";

const INCREMENTS = 64;
/** Less than half of what as many refreshes take, one after another: a second each. */
const SOON_MS = 30_000;

/** @param of an application whose `maxWait` is longer than that */
export function refresh(of: () => TestApplication): void {
  it(`${INCREMENTS} increments at once with refresh: wait_for are all stored: none waits for the refresh of another`, async () => {
    const target = await of().createCollection("refresh");
    const document = await stored(of(), target, "counter", { n: 0 });
    const socket = await PipelinedSocket.connect(of().port);

    const begun = performance.now();
    const answers = await Promise.all(
      Array.from({ length: INCREMENTS }, () =>
        socket.send({
          ...document,
          action: "modify",
          args: { refresh: "wait_for" },
          body: { operators: { increment: { n: 1 } } },
          controller: "document-update",
        }),
      ),
    );
    const ms = performance.now() - begun;

    assert.ok(ms < SOON_MS, `they took ${ms} ms`);
    assert.deepEqual(answers.map(errorOf).filter(Boolean), []);
    assert.deepEqual(
      answers
        .map(({ body }) => Number(body["result"]._source.n))
        .sort((one, other) => one - other),
      answers.map((_, n) => n + 1),
    );
    assert.equal((await documentOf(of(), document)).content["n"], INCREMENTS);
    await socket.close();
  });
}
