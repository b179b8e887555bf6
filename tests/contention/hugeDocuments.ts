import assert from "node:assert/strict";
import { it } from "node:test";

import { HttpClient } from "../support/HttpClient";
import type { TestApplication } from "../support/TestApplication";
import { elasticsearch } from "./elasticsearch";
import { Flock, versionOrError } from "./Flock";

const DOCUMENTS = 30;
/** Bytes of a document that is long. */
const LONG = 5_000_000;
/** Bytes of a body that Kuzzle just takes: `server.maxRequestSize` is 1 MiB. */
const BODY = 900_000;
/** Longest wait for all of those bodies to be stored, in ms. */
const LARGE_MS = 60_000;

export function hugeDocuments(of: () => TestApplication): void {
  it(`small changes of ${DOCUMENTS} documents of ${LONG / 1e6} MB at once are all answered`, async () => {
    const flock = await Flock.of(of(), "long", DOCUMENTS);
    const padding = "x".repeat(LONG);
    // Updates of short documents, which all fit into one request, come first.
    const { ids } = flock;
    await Promise.all(ids.map((_id) => flock.update(_id, { short: true })));
    await Promise.all(ids.map((_id) => flock.update(_id, { short: true })));
    for (let first = 0; first < DOCUMENTS; first += 4) {
      await Promise.all(
        ids
          .slice(first, first + 4)
          .map((_id) =>
            elasticsearch(flock.target, "PUT", `_doc/${_id}`, { padding }),
          ),
      );
    }

    for (const version of [5, 6]) {
      const answers = await Promise.all(
        ids.map((_id) => flock.update(_id, { version })),
      );
      assert.deepEqual(
        answers.map(versionOrError),
        answers.map(() => version),
      );
    }
    await flock.close();
  });

  it(`${DOCUMENTS} bodies of ${BODY / 1e3} kB at once are all stored`, async () => {
    const flock = await Flock.of(of(), "large", DOCUMENTS);
    const bodyOf = (n: number) => ({ padding: String(n).padEnd(BODY, "x") });

    // Over HTTP: of large answers that are sent at once over one WebSocket, Kuzzle loses some.
    const client = new HttpClient(of().port, LARGE_MS);
    const answers = await Promise.all(
      flock.ids.map((_id, n) =>
        client.send({
          ...flock.target,
          _id,
          action: "update",
          body: bodyOf(n),
          controller: "document-update",
        }),
      ),
    );

    assert.deepEqual(
      answers.map(({ body }) => versionOrError(body)),
      answers.map(() => 2),
    );
    for (const [n, { padding }] of (await flock.contents()).entries()) {
      assert.ok(padding === bodyOf(n).padding, `document ${n}`);
    }
    await flock.close();
  });
}
