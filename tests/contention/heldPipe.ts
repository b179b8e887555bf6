import assert from "node:assert/strict";
import { it } from "node:test";

import { documentOf, errorOf, probe, stored } from "../change/setting";
import { PipelinedSocket } from "../support/PipelinedSocket";
import type { TestApplication } from "../support/TestApplication";

const CLIENTS = 20;
const HELD = 7;
/** Within the `maxWait` of 5,000. */
const SOON_MS = 4_500;
const LATE = "503 plugin.document-update.timed_out";

/** @param of an application with pipes, that folds */
export function heldPipe(of: () => TestApplication): void {
  it("a pipe that never returns holds up no other modification that is folded with its own", async (test) => {
    const target = await of().createCollection("fold-held");
    const document = await stored(of(), target, "counter", { n: 0 });
    const held = `held-${HELD}`;
    await probe(of(), "arm", held, {
      "document:beforeUpdate": { holds: true },
    });
    test.after(() => probe(of(), "release", held));
    const sockets = await Promise.all(
      Array.from({ length: CLIENTS }, () => PipelinedSocket.connect(of().port)),
    );
    const begun = performance.now();

    const sent = sockets.map(async (socket, n) => {
      const answer = await socket.send({
        ...document,
        action: "modify",
        body: { operators: { increment: { n: 1 } } },
        controller: "document-update",
        requestId: `held-${n}`,
      });
      return { error: errorOf(answer), ms: performance.now() - begun };
    });
    const others = await Promise.all(sent.filter((_, n) => n !== HELD));

    assert.deepEqual(
      others.map(({ error }) => error),
      others.map(() => null),
    );
    const longest = Math.max(...others.map(({ ms }) => ms));
    assert.ok(longest < SOON_MS, `one took ${longest} ms`);
    assert.equal((await sent[HELD])?.error, LATE);
    const { content } = await documentOf(of(), document);
    assert.equal(content["n"], CLIENTS - 1);
    await Promise.all(sockets.map((socket) => socket.close()));
  });
}
