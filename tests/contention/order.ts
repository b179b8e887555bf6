import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";

import { PipelinedSocket } from "../support/PipelinedSocket";
import type { TestApplication } from "../support/TestApplication";
import { contentOf, createDocument, kept } from "./setting";

const ROUNDS = 30;
const UPDATES = 30;

/** Arguments of updates, by their number. */
const variants: Readonly<Record<string, (n: number) => object>> = {
  "are alike": () => ({}),
  "differ in all but the document": (n) => ({
    args: {
      retryOnConflict: n % 5,
      silent: n % 2 === 0,
      source: n % 3 === 0,
    },
    volatile: { n },
  }),
};

/** What became of an update. */
interface Stored {
  readonly n: number;
  readonly version: number;
}

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
        it(`are each a version, ${isOrderKept ? "in the order of the requests, " : ""}where they ${alike}, by ${controller}`, (context: TestContext) =>
          eachAVersion(context, controller, alike, variant));
      }
    }
  });

  async function eachAVersion(
    context: TestContext,
    controller: string,
    alike: string,
    variant: (n: number) => object,
  ): Promise<void> {
    const application = of();
    const target = await application.createCollection(
      `order-${controller}-${alike}`.toLowerCase().replaceAll(" ", "-"),
    );
    const socket = await PipelinedSocket.connect(application.port);
    let lastIsLast = 0;

    for (let round = 0; round < ROUNDS; round++) {
      const _id = `document-${round}`;
      await createDocument(application, target, _id);
      const acknowledged: Stored[] = [];
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
          acknowledged.push({ n, version: body["result"]._version });
        }),
      );

      const last = acknowledged.at(-1);
      const stored = acknowledged.sort(
        (one, other) => one.version - other.version,
      );
      assert.deepEqual(
        stored.map(({ version }) => version),
        stored.map((_, place) => place + 2),
      );
      if (isOrderKept) {
        assert.deepEqual(
          stored.map(({ n }) => n),
          stored.map((_, place) => place),
        );
      }
      assert.deepEqual(await contentOf(application, target, _id), {
        ...kept,
        n: stored.at(-1)?.n,
      });
      lastIsLast += last === stored.at(-1) ? 1 : 0;
    }
    await socket.close();
    // Silent ones are answered sooner: Kuzzle notifies nobody of them.
    context.diagnostic(
      `the last acknowledged was the last stored in ${lastIsLast} of ${ROUNDS} rounds`,
    );
  }
}
