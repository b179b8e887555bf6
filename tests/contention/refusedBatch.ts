import assert from "node:assert/strict";
import { it } from "node:test";

import { updatedIn } from "../support/StorageProxy";
import { Flock, versionOrError } from "./Flock";
import { kept } from "./setting";
import { isBatchOf, type Site } from "./slowBatch";

const DOCUMENTS = 48;

export function refusedBatch(of: () => Site): void {
  for (const [status, body] of [
    [413, "<html>Request Entity Too Large</html>"],
    [400, '{"error":{"type":"illegal_argument_exception"},"status":400}'],
  ] as const) {
    it(`a batch that is refused with ${status} is stored one by one, each once`, async () => {
      const { application, proxy } = of();
      const flock = await Flock.of(application, `refused-${status}`, DOCUMENTS);
      const refused: string[] = [];
      const stored: string[] = [];
      proxy.meddle = async (call, forward) => {
        const ids = updatedIn(call);
        if (isBatchOf(flock, ids)) {
          refused.push(...ids);
          const type = status === 413 ? "text/html" : "application/json";
          return { body, headers: { "content-type": type }, status };
        }
        stored.push(...ids);
        return forward();
      };

      const answers = await Promise.all(
        flock.ids.map((_id, n) => flock.update(_id, { n })),
      );
      proxy.meddle = (_, forward) => forward();

      assert.ok(refused.length > 1);
      assert.deepEqual(
        answers.map(versionOrError),
        answers.map(() => 2),
      );
      assert.deepEqual(stored.sort(), [...flock.ids].sort());
      assert.deepEqual(
        await flock.contents(),
        flock.ids.map((_, n) => ({ ...kept, n })),
      );
      await flock.close();
    });
  }
}
