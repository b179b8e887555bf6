import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { PipelinedSocket } from "../support/PipelinedSocket";
import type { TestApplication } from "../support/TestApplication";
import { contentOf, createDocument, kept } from "./setting";
import { Subscriber } from "./Subscriber";

const ROUNDS = 20;
/**
 * Of one connection. Beyond 50 (`maxConcurrentPipes`), Kuzzle itself mixes them up; and of 40, whose
 * notifications are more than the 16 kB that its WebSocket server sends at once, it has sent twelve after the
 * twelve that came later, on a machine under load.
 */
const UPDATES = 16;

const isSilent = (n: number) => n % 2 === 0;

/** Arguments of updates, by their number. */
const variants: Readonly<Record<string, (n: number) => object>> = {
  "are alike": () => ({}),
  "differ in all but the document": (n) => ({
    args: { retryOnConflict: n % 5, silent: isSilent(n), source: n % 3 === 0 },
    volatile: { n },
  }),
};

/**
 * @param controllers whose updates are the plugin's
 * @param isOrderKept whether updates reach storage in the order of their requests: where pipes
 * listen, Kuzzle itself has one request overtake another before that
 */
export function order(
  of: () => TestApplication,
  controllers: readonly string[],
  isOrderKept: boolean,
): void {
  describe(`${UPDATES} updates of one document, pipelined by one connection`, () => {
    for (const controller of controllers) {
      for (const [alike, variant] of Object.entries(variants)) {
        it(`are each a version and a notification, ${isOrderKept ? "in the order of the requests, " : ""}where they ${alike}, by ${controller}`, () =>
          eachAVersion(controller, alike, variant));
      }
    }
  });

  async function eachAVersion(
    controller: string,
    alike: string,
    variant: (n: number) => object,
  ): Promise<void> {
    const application = of();
    const target = await application.createCollection(
      `order-${controller}-${alike}`.toLowerCase().replaceAll(" ", "-"),
    );
    const socket = await PipelinedSocket.connect(application.port);
    const ids = Array.from({ length: ROUNDS }, (_, n) => `document-${n}`);
    const subscriber = await Subscriber.of(target, application.port);
    /** The numbers of the updates of each document, in the order of their versions. */
    const stored = new Map<string, readonly number[]>();

    for (const _id of ids) {
      await createDocument(application, target, _id);
      const byVersion: number[] = [];
      await Promise.all(
        Array.from({ length: UPDATES }, async (_, n) => {
          const { body } = await socket.send({
            ...target,
            _id,
            action: "update",
            body: { n },
            controller,
            ...variant(n),
          });
          assert.equal(body["error"], null);
          // The document itself is the first version.
          byVersion[body["result"]._version - 2] = n;
        }),
      );

      stored.set(_id, byVersion);
      const all = Array.from({ length: UPDATES }, (_, n) => n);
      assert.deepEqual(
        isOrderKept ? byVersion : [...byVersion].sort((a, b) => a - b),
        all,
        "the updates by the versions that they were answered",
      );
      assert.deepEqual(await contentOf(application, target, _id), {
        ...kept,
        n: byVersion.at(-1),
      });
    }

    const told = (await subscriber.told()).filter(
      // That the document was created is told, too.
      ({ action }) => action === "update",
    );
    for (const [_id, byVersion] of stored) {
      const loud = byVersion.filter(
        (n) => !("args" in variant(n) && isSilent(n)),
      );
      // Kuzzle tells of updates at once in any order where their arguments differ.
      const isToldInOrder = isOrderKept && !("args" in variant(0));
      const heard = told
        .filter(({ result }) => result._id === _id)
        .map(({ result }) => Number(result._source.n));
      assert.deepEqual(
        isToldInOrder ? heard : heard.sort((a, b) => a - b),
        isToldInOrder ? loud : loud.sort((a, b) => a - b),
        "the updates that were notified",
      );
    }
    await Promise.all([socket.close(), subscriber.close()]);
  }
}
