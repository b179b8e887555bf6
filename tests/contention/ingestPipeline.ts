import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import type { JSONObject } from "kuzzle-sdk";

import type { TestApplication } from "../support/TestApplication";
import { elasticsearch } from "./elasticsearch";
import { Flock, versionOrError } from "./Flock";
import { batchedOf, kept, statsOf } from "./setting";

const DOCUMENTS = 40;
/** Longer than the plugin takes what it has read for current. */
const IDLE_MS = 31_000;

export function ingestPipeline(of: () => TestApplication): void {
  describe("a collection with an ingest pipeline", () => {
    const name = () => `pipeline-${of().suffix}`;
    const pipelineUrl = () =>
      `${process.env["ELASTICSEARCH_URL"]}/_ingest/pipeline/${name()}`;
    let flock: Flock;
    /** These are written when the suite begins, and then left alone. */
    let idle: Flock;
    let unset: Flock;
    let idleSince: number;

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
      idle = await Flock.of(of(), "pipeline-idle", DOCUMENTS);
      unset = await Flock.of(of(), "pipeline-unset", 1);
      // What the plugin reads of their collections is read.
      for (const { error } of [
        await idle.update(idle.ids[0]!, { first: true }),
        await unset.update(unset.ids[0]!, { gone: true }),
      ]) {
        assert.equal(error, null);
      }
      idleSince = performance.now();
    });

    after(async () => {
      await Promise.all([flock, idle, unset].map((each) => each.close()));
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
      if (isRefused(answers[0]!)) {
        return;
      }
      assert.deepEqual(
        await flock.contents(),
        flock.ids.map((_, n) => ({ ...kept, ingested: true, n })),
      );
    });

    it("that it was given while it was idle: the first batch and the first unset notice", async () => {
      const index = { default_pipeline: name() };
      await pause(Math.max(0, idleSince + IDLE_MS - performance.now()));
      for (const { target } of [idle, unset]) {
        await elasticsearch(target, "PUT", "_settings", { index });
      }

      const [refused, ...answers] = await Promise.all([
        unset.update(
          unset.ids[0]!,
          { operators: { unset: ["gone"] } },
          { action: "modify" },
        ),
        ...idle.ids.map((_id, n) => idle.update(_id, { n })),
      ]);

      const error = "400 plugin.document-update.unset_refused";
      assert.equal(versionOrError(refused), error);
      if (isRefused(answers[0]!)) {
        assert.ok(answers.every(isRefused));
        return;
      }
      const contents = await idle.contents();
      assert.deepEqual(
        contents.filter(({ ingested }) => ingested !== true),
        [],
      );
    });
  });
}

/** Whether a pipeline would have been run: this Elasticsearch has no node for that. */
function isRefused({ error }: JSONObject): boolean {
  return /no ingest nodes/.test(error?.message);
}
