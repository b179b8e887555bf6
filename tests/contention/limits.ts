import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";

import type { TestApplication } from "../support/TestApplication";
import { withDeadline } from "../support/WebSocketClient";
import { errorsOf, lastValues } from "./Crowd";
import { Flock, versionOrError } from "./Flock";
import {
  contentOf,
  createDocument,
  crowdOf,
  holdStorage,
  kept,
  queuesEmpty,
} from "./setting";

/** Longest wait for the answer to an update that is refused, or released, in ms. */
const SOON_MS = 10_000;
const TOO_MANY = "503 plugin.document-update.too_many_pending";
const LATE = "503 plugin.document-update.timed_out";

/** @param of an application with `maxPending: 3` and `maxWait: 1500` */
export function limits(of: () => TestApplication): void {
  describe("limits of 3 updates and 1,500 ms that updates wait to be folded", () => {
    it("refuse updates above the limit at once, and store the others", async (test) => {
      const held = await heldDocument(test, "beyond");
      const { first, flock, release, update } = held;

      const waiting = [1, 2, 3].map((n) => update({ [`waits-${n}`]: true }));
      const beyond = [1, 2].map((n) => update({ [`beyond-${n}`]: true }));

      // The first still holds the document.
      assert.deepEqual(await Promise.all(beyond), [TOO_MANY, TOO_MANY]);
      await release();
      assert.deepEqual(await Promise.all([first, ...waiting]), [2, 3, 3, 3]);
      assert.deepEqual(await flock.contents(), [
        {
          ...kept,
          text: "first of fold-beyond",
          "waits-1": true,
          "waits-2": true,
          "waits-3": true,
        },
      ]);
      await queuesEmpty(of());
      await flock.close();
    });

    it("refuse updates that wait too long, and store the one that was being written", async (test) => {
      const held = await heldDocument(test, "late");
      const { first, flock, release, update } = held;

      const waiting = [1, 2].map((n) => update({ [`waits-${n}`]: true }));

      assert.deepEqual(await Promise.all(waiting), [LATE, LATE]);
      await release();
      assert.equal(await first, 2);
      assert.deepEqual(await flock.contents(), [
        { ...kept, text: "first of fold-late" },
      ]);
      assert.equal(await update({ later: true }), 3);
      await queuesEmpty(of());
      await flock.close();
    });

    it("let all others be stored", async () => {
      const _id = "hot";
      const target = await of().createCollection("fold-limited");
      await createDocument(of(), target, _id);
      const crowd = await crowdOf(of(), 64);

      const sent = await crowd.send({
        request: () => ({ ...target, _id, controller: "document-update" }),
        updates: 320,
      });
      await crowd.close();

      assert.deepEqual([...new Set(errorsOf(sent))], [TOO_MANY]);
      assert.deepEqual(await contentOf(of(), target, _id), {
        ...kept,
        ...lastValues(sent)[_id],
      });
      await queuesEmpty(of());
    });

    /** A document of a folded collection, the update of which storage holds until it is released. */
    async function heldDocument(test: TestContext, name: string) {
      const flock = await Flock.of(of(), `fold-${name}`, 1);
      const [_id = ""] = flock.ids;
      const update = async (body: object) =>
        versionOrError(await withDeadline(flock.update(_id, body), SOON_MS));
      const text = `first of fold-${name}`;
      const hold = await holdStorage(of(), text);
      test.after(hold.release);
      const first = update({ text });
      await hold.reached();

      return { first, flock, release: hold.release, update };
    }
  });
}
