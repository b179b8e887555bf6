import assert from "node:assert/strict";
import { it } from "node:test";

import type { TestApplication } from "../support/TestApplication";
import { elasticsearch } from "./elasticsearch";
import { Flock, versionOrError } from "./Flock";

const DOCUMENTS = 40;
/** Documents that Kuzzle's client of Elasticsearch refuses to read. */
const FORBIDDEN = [
  '{"__proto__":{"polluted":true}}',
  '{"deep":{"constructor":{"prototype":{"polluted":true}}}}',
];

export function forbiddenFields(of: () => TestApplication): void {
  it("documents with fields that the client refuses to read fail alone, as natively", async () => {
    const flock = await Flock.of(of(), "forbidden", DOCUMENTS);
    const isForbidden = (n: number) => n % 10 === 3;
    for (const [n, _id] of flock.ids.entries()) {
      if (isForbidden(n)) {
        const content = JSON.parse(String(FORBIDDEN[(n >> 4) % 2])) as object;
        await elasticsearch(flock.target, "PUT", `_doc/${_id}`, content);
      }
    }
    const alone = versionOrError(
      await flock.update(String(flock.ids[3]), { n: 0 }),
    );

    const answers = await Promise.all(
      flock.ids.map((_id, n) => flock.update(_id, { n })),
    );

    assert.match(String(alone), /^\d{3} services\.storage\./);
    assert.deepEqual(
      answers.map(versionOrError),
      flock.ids.map((_, n) => (isForbidden(n) ? alone : 2)),
    );
    await flock.close();
  });
}
