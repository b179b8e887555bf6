import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import type { TestApplication } from "../support/TestApplication";
import { elasticsearch } from "./elasticsearch";
import { Flock, versionOrError } from "./Flock";
import { batchedOf, kept, statsOf } from "./setting";

const DOCUMENTS = 40;

export function ingestPipeline(of: () => TestApplication): void {
  describe("a collection with an ingest pipeline", () => {
    const name = () => `pipeline-${of().suffix}`;
    const pipelineUrl = () =>
      `${process.env["ELASTICSEARCH_URL"]}/_ingest/pipeline/${name()}`;
    let flock: Flock;

    before(async () => {
      const response = await fetch(pipelineUrl(), {
        body: JSON.stringify({
          processors: [{ set: { field: "ingested", value: true } }],
        }),
        headers: { "content-type": "application/json" },
        method: "PUT",
      });
      assert.ok(response.ok, await response.text());
      flock = await Flock.of(of(), "pipeline", DOCUMENTS);
    });

    after(async () => {
      await flock.close();
      await fetch(pipelineUrl(), { method: "DELETE" });
    });

    it("runs it for each update, as natively, and batches none", async () => {
      const index = { default_pipeline: name() };
      await elasticsearch(flock.target, "PUT", "_settings", { index });
      const before = batchedOf(await statsOf(of()));

      const answers = await Promise.all(
        flock.ids.map((_id, n) => flock.update(_id, { n })),
      );

      assert.equal(batchedOf(await statsOf(of())), before);
      const [, ...others] = answers.map(versionOrError);
      assert.deepEqual(
        others,
        others.map(() => versionOrError(answers[0]!)),
      );
      if (answers[0]!["error"]) {
        // It would have been run: this Elasticsearch has no node for that.
        assert.match(answers[0]!["error"].message, /no ingest nodes/);
        return;
      }
      assert.deepEqual(
        await flock.contents(),
        flock.ids.map((_, n) => ({ ...kept, ingested: true, n })),
      );
    });
  });
}
