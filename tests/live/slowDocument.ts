import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { Flock, versionOrError } from "../contention/Flock";
import { holdStorage, kept } from "../contention/setting";
import type { TestApplication } from "../support/TestApplication";

const DOCUMENTS = 20;

export function slowDocument(of: () => TestApplication): void {
  describe("a document whose update takes storage long", () => {
    for (const name of ["slow", "fold-slow"]) {
      it(`holds up no other document, and keeps its own order, in the collection "${name}…"`, async (test) => {
        const flock = await Flock.of(of(), name, DOCUMENTS);
        const [slow = "", ...others] = flock.ids;
        const text = `text of ${name}`;
        const hold = await holdStorage(of(), text);
        test.after(hold.release);

        const first = flock.follow(slow, { n: 1, text });
        await hold.reached();
        const second = flock.follow(slow, { n: 2 });
        const answers = await Promise.all(
          others.map((_id) => flock.update(_id, { n: 1 })),
        );

        assert.deepEqual(
          answers.map(versionOrError),
          answers.map(() => 2),
        );
        assert.deepEqual([first.isAnswered, second.isAnswered], [false, false]);
        await hold.release();
        assert.equal(versionOrError(await first.answer), 2);
        assert.equal(versionOrError(await second.answer), 3);
        const [content] = await flock.contents();
        assert.deepEqual(content, { ...kept, n: 2, text });
        await flock.close();
      });
    }
  });
}
