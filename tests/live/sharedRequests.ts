import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { SentRequest } from "../application/StorageProbe";
import { Flock, versionOrError } from "../contention/Flock";
import type { TestApplication } from "../support/TestApplication";

const UPDATES = 40;

/** How many requests of each kind were sent to storage. */
interface Counts {
  readonly reads: number;
  readonly writes: number;
}

/**
 * @param heard an application where pipes listen to every event
 * @param quiet one where nothing listens
 * @param unbatched one with `batchWrites: false`
 */
export function sharedRequests(
  heard: () => TestApplication,
  quiet: () => TestApplication,
  unbatched: () => TestApplication,
): void {
  describe(`${UPDATES} updates at once of as many documents`, () => {
    it("share requests to storage, and need no read if nothing listens", async () => {
      const { reads, writes } = await requestsOf(quiet(), "document-update");

      assert.equal(reads, 0, "reads");
      assert.ok(writes < UPDATES / 2, `${writes} writes`);
    });

    it("share reads, too, if a pipe listens to generic:document:injectMetadata", async () => {
      const { reads, writes } = await requestsOf(heard(), "document-update");

      assert.ok(reads > 0 && reads < UPDATES / 2, `${reads} reads`);
      assert.ok(writes < UPDATES / 2, `${writes} writes`);
    });

    it("are two requests each natively, and with batchWrites: false", async () => {
      for (const [of, controller] of [
        [heard(), "document"],
        [unbatched(), "document-update"],
      ] as const) {
        assert.deepEqual(
          await requestsOf(of, controller),
          { reads: UPDATES, writes: UPDATES },
          controller,
        );
      }
    });
  });
}

/** Updates documents at once, and counts what the application has sent to storage for that. */
async function requestsOf(
  of: TestApplication,
  controller: string,
): Promise<Counts> {
  const flock = await Flock.of(of, `requests-of-${controller}`, UPDATES);
  const sent = async () =>
    (await of.stage.call({
      action: "sent",
      args: { text: flock.target.collection },
      controller: "storage-probe",
    })) as unknown as readonly SentRequest[];
  await sent();

  const answers = await Promise.all(
    flock.ids.map((_id, n) => flock.update(_id, { n }, { controller })),
  );

  assert.deepEqual(
    answers.map(versionOrError),
    answers.map(() => 2),
  );
  const paths = (await sent()).map(({ path }) => path);
  await flock.close();
  const count = (operation: RegExp) =>
    paths.filter((path) => operation.test(path)).length;

  return {
    reads: count(/\/_(doc|mget|source)\b/),
    writes: count(/\/_(bulk|update)\b/),
  };
}
