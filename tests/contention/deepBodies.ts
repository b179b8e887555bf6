import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { TestApplication } from "../support/TestApplication";
import { Flock, versionOrError } from "./Flock";
import { RawSocket } from "./RawSocket";

const NEIGHBOURS = 30;

export function deepBodies(of: () => TestApplication): void {
  describe("a deep body", () => {
    for (const levels of [500, 2_000, 5_000, 7_000, 100_000]) {
      it(`of ${levels} levels is answered, and so are its neighbours`, async () => {
        const application = of();
        const name = `deep-${levels}`;
        const flock = await Flock.of(application, name, NEIGHBOURS + 1);
        const [deep, ...others] = flock.ids;
        const socket = await RawSocket.connect(application.port);
        const body = deepJson(levels);

        const neighbours = others.map((_id, n) => flock.update(_id, { n }));
        const answer = socket.update(flock.target, String(deep), { body });
        const later = others.map((_id, n) => flock.update(_id, { later: n }));

        assert.notEqual((await answer)["status"], undefined);
        const both = await Promise.all([...neighbours, ...later]);
        assert.deepEqual(
          both.map(versionOrError),
          both.map((_, place) => (place < NEIGHBOURS ? 2 : 3)),
        );
        await Promise.all([flock.close(), socket.close()]);
      });
    }
  });
}

/** An object in an object, and so on, as JSON: deeper than `JSON.stringify` goes. */
export function deepJson(levels: number): string {
  return `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
}
