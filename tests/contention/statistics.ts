import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import type { TestApplication } from "../support/TestApplication";
import { createDocument, statsOf } from "./setting";

const PATH = "/_/document-update/_stats";
const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const VALUE = String.raw`(?:[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[+-]Inf|NaN)`;
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`;
/** @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details */
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (${VALUE})$`,
);
const HELP = new RegExp(`^# HELP (${NAME}) (?:[^\\\\]|\\\\[\\\\n])+$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`);

interface Metric {
  readonly type: string;
  readonly samples: { name: string; labels: string; value: number }[];
}

/** To be run after others, which had something to count. */
export function statistics(of: () => TestApplication): void {
  describe("statistics", () => {
    const url = (query = "") => `http://127.0.0.1:${of().port}${PATH}${query}`;
    let metrics: Map<string, Metric>;
    let response: Response;

    before(async () => {
      response = await fetch(url("?format=prometheus"));
      metrics = parse(await response.text());
    });

    it("count what the update action has done", async () => {
      const application = of();
      const target = await application.createCollection("counted");
      await createDocument(application, target, "there");
      const before = await statsOf(application);
      for (const _id of ["there", "missing", "missing"]) {
        await application.stage.send({
          ...target,
          _id,
          action: "update",
          body: {},
          controller: "document-update",
        });
      }
      const stats = await statsOf(application);

      const id = "services.storage.not_found";
      assert.equal(stats.updates, before.updates + 3);
      assert.equal(stats.failures[id], (before.failures[id] ?? 0) + 2);
      assert.equal(stats.delegate.count, before.delegate.count + 3);
      assert.ok(stats.lanes.longestEver > 0);
      assert.ok(stats.folds.count > 0);
    });

    it("are the same over HTTP as over WebSocket", async () => {
      const answer = await fetch(url());
      const { result, status } = (await answer.json()) as JSONObject;

      assert.equal(status, 200);
      assert.deepEqual(result, await statsOf(of()));
    });

    it("are Prometheus's text format over HTTP", () => {
      assert.equal(response.status, 200);
      assert.equal(
        response.headers.get("content-type"),
        "text/plain; version=0.0.4",
      );
      assert.equal(metrics.size, 10);
    });

    it("are that text in the answer over other protocols", async () => {
      const { body } = await of().stage.send({
        action: "stats",
        args: { format: "prometheus" },
        controller: "document-update",
      });

      assert.equal(body["error"], null);
      assert.deepEqual(
        [...parse(body["result"] as string).keys()],
        [...metrics.keys()],
      );
    });

    it("have the same values for Prometheus as in JSON", async () => {
      const { conflicts, folds, updates } = await statsOf(of());
      const valueOf = (name: string, suffix = "") =>
        metrics
          .get(name)
          ?.samples.find((sample) => sample.name === name + suffix)?.value;

      // Those of the first test came since.
      const since = updates - valueOf("kuzzle_document_update_updates_total")!;
      assert.equal(since, 3);
      assert.equal(
        valueOf("kuzzle_document_update_conflicts_total"),
        conflicts,
      );
      const fold = "kuzzle_document_update_fold_size";
      assert.equal(valueOf(fold, "_count"), folds.count);
      assert.equal(valueOf(fold, "_sum"), folds.sum);
    });

    it("have histograms whose buckets are cumulative, up to their count", () => {
      const histograms = [...metrics].filter(
        ([, { type }]) => type === "histogram",
      );
      assert.equal(histograms.length, 3);
      for (const [name, { samples }] of histograms) {
        const buckets = samples.filter(
          (each) => each.name === `${name}_bucket`,
        );
        const bounds = buckets.map(({ labels }) => boundOf(labels));
        const counts = buckets.map(({ value }) => value);
        const count = samples.find((each) => each.name === `${name}_count`);

        assert.deepEqual(bounds, ascending(bounds));
        assert.deepEqual(counts, ascending(counts));
        assert.equal(bounds.at(-1), Infinity);
        assert.equal(counts.at(-1), count?.value);
      }
    });

    it("are refused to a user without the right", async () => {
      const jwt = await of().createUser("curious", {
        "document-update": { actions: { update: true } },
      });

      const answer = await fetch(url(), {
        headers: { authorization: `Bearer ${jwt}` },
      });
      assert.equal(answer.status, 403);
      const { error } = (await answer.json()) as JSONObject;
      assert.equal(error.id, "security.rights.forbidden");
      const [controller, action] = error.props;
      assert.deepEqual([controller, action], ["document-update", "stats"]);
    });

    it("are in the application's OpenAPI", async () => {
      const answer = await fetch(
        `http://127.0.0.1:${of().port}/_openapi?scope=app`,
      );
      const { paths } = (await answer.json()) as { paths: JSONObject };

      assert.deepEqual(Object.keys(paths[PATH]), ["get"]);
      assert.ok(paths[PATH].get.responses["200"].content["text/plain"]);
    });
  });
}

/** Reads the text that Prometheus reads. It allows nothing that it does not know. */
function parse(text: string): Map<string, Metric> {
  const metrics = new Map<string, Metric>();
  assert.ok(text.endsWith("\n"));
  let current: [name: string, Metric] | undefined;

  const lines = text.slice(0, -1).split("\n");
  for (const [place, line] of lines.entries()) {
    const [, helped] = HELP.exec(line) ?? [];
    if (helped !== undefined) {
      const [, name, type] = TYPE.exec(lines[place + 1] ?? "") ?? [];
      assert.equal(name, helped, `no type after "${line}"`);
      assert.ok(!metrics.has(helped), `${helped} comes twice`);
      current = [helped, { samples: [], type: String(type) }];
      metrics.set(...current);
      continue;
    }
    if (TYPE.test(line)) {
      continue;
    }

    const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
    assert.ok(name !== undefined && current, `not a sample: "${line}"`);
    const [metric, { samples, type }] = current;
    const suffixes =
      type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    assert.ok(
      suffixes.some((suffix) => name === metric + suffix),
      `"${line}" is under ${metric}`,
    );
    samples.push({ labels, name, value: Number(value) });
  }

  return metrics;
}

function boundOf(labels: string): number {
  const [, bound] = /^le="([^"]+)"$/.exec(labels) ?? [];

  return bound === "+Inf" ? Infinity : Number(bound);
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((one, other) => (one < other ? -1 : 1));
}
