import assert from "node:assert/strict";
import { before, it } from "node:test";

import { BadRequestError, type JSONObject } from "kuzzle";

import type {
  ApiDocumentUpdateStatsResult,
  ApiHistogram,
} from "../../../lib/api";
import { statsAction } from "../../../lib/request/statsAction";
import { UpdateStatistics } from "../../../lib/statistics/UpdateStatistics";
import type { DocumentQueues } from "../../../lib/write/DocumentQueues";
import { aRequest, FakeKuzzle } from "../../support/fakeKuzzle";

const fail = (statistics: UpdateStatistics, id: string) =>
  assert.rejects(
    statistics.count(() => Promise.reject(new BadRequestError("no", id, 1))),
  );

const statistics = new UpdateStatistics();
const queues = { count: 3, longest: 3, longestEver: 7 } as DocumentQueues;
const stats = statsAction("a-node", statistics, queues);
const ask = (args = {}, context = {}) =>
  stats(aRequest({ action: "stats", body: undefined, ...args }, context));

before(async () => {
  new FakeKuzzle();
  await fail(statistics, "services.storage.not_found");
  await fail(statistics, "services.storage.not_found");
  await fail(statistics, 'of "a pipe"\\\n');
  await statistics.count(() => Promise.resolve());
  statistics.conflicts = 4;
  statistics.retries = 3;
  statistics.folds.record(3);
  statistics.batches.record(1_000);
  statistics.writeDuration.record(0.25);
});

it("returns the statistics of this node", async () => {
  const { batches, folds, writeDuration, ...others } =
    (await ask()) as unknown as Record<string, JSONObject>;

  assert.deepEqual(others, {
    conflicts: 4,
    failures: { 'of "a pipe"\\\n': 1, "services.storage.not_found": 2 },
    node: "a-node",
    queues: { documents: 3, longest: 3, longestEver: 7 },
    retries: 3,
    updates: 4,
  });
  const upTo = (histogram: JSONObject | undefined, bound: number | "+Inf") =>
    (histogram as ApiHistogram | undefined)?.buckets.find(
      ({ le }) => le === bound,
    )?.count;
  assert.deepEqual(
    [writeDuration?.["count"], writeDuration?.["sum"]],
    [1, 0.25],
  );
  assert.deepEqual(
    [upTo(writeDuration, 0.1), upTo(writeDuration, 0.25)],
    [0, 1],
  );
  assert.deepEqual([upTo(folds, 2), upTo(folds, 4), folds?.["sum"]], [0, 1, 3]);
  assert.deepEqual([upTo(batches, 256), upTo(batches, "+Inf")], [0, 1]);
});

it("keeps the buckets in ascending order, also when they are sent as JSON", async () => {
  const { writeDuration } = JSON.parse(
    JSON.stringify(await ask()),
  ) as ApiDocumentUpdateStatsResult;

  assert.deepEqual(
    writeDuration.buckets.map(({ le }) => le),
    [
      ...[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      ...[10, "+Inf"],
    ],
  );
});

it("returns them in Prometheus's text format, raw over HTTP", async () => {
  const request = aRequest(
    { action: "stats", format: "prometheus" },
    { connection: { id: "1", protocol: "http" } },
  );
  const text = (await stats(request)) as string;

  assert.ok(request.response.raw);
  assert.equal(
    request.response.getHeader("content-type"),
    "text/plain; version=0.0.4",
  );
  for (const line of [
    "# TYPE kuzzle_document_update_updates_total counter",
    "kuzzle_document_update_updates_total 4",
    'kuzzle_document_update_failures_total{id="services.storage.not_found"} 2',
    'kuzzle_document_update_failures_total{id="of \\"a pipe\\"\\\\\\n"} 1',
    "kuzzle_document_update_queued_documents 3",
    "kuzzle_document_update_queue_length 3",
    "kuzzle_document_update_queue_length_max 7",
    'kuzzle_document_update_fold_size_bucket{le="4"} 1',
    'kuzzle_document_update_fold_size_bucket{le="+Inf"} 1',
    'kuzzle_document_update_batch_size_bucket{le="256"} 0',
    'kuzzle_document_update_batch_size_bucket{le="+Inf"} 1',
    "kuzzle_document_update_write_duration_seconds_sum 0.25",
    "kuzzle_document_update_write_duration_seconds_count 1",
  ]) {
    assert.ok(text.split("\n").includes(line), `${line}\n${text}`);
  }
  assert.ok(text.endsWith("\n"));
  assert.deepEqual(
    [...text.matchAll(/duration_seconds_bucket\{le="(.*)"\}/g)].map(
      ([, bound]) => bound,
    ),
    "0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 +Inf".split(
      " ",
    ),
  );
});

const LABEL = String.raw`[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*"`;
/** @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details */
const LINE = new RegExp(
  String.raw`^(?:# HELP (\w+) (?:[^\\]|\\[\\n])+|# TYPE (\w+) (?:counter|gauge|histogram)|(\w+?)(?:_bucket|_sum|_count)?(?:\{${LABEL}\})? \d+(?:\.\d+)?(?:e[+-]?\d+)?)$`,
);

it("writes nothing that Prometheus cannot read: help, type and samples of each metric", async () => {
  const text = (await ask({ format: "prometheus" })) as string;
  const metrics = new Map<string, number[]>();

  for (const line of text.trimEnd().split("\n")) {
    const [, help, type, sample] = LINE.exec(line) ?? [];
    const name = help ?? type ?? sample ?? assert.fail(line);
    const values = metrics.get(name) ?? [];
    // A help opens a metric, and its type and samples follow.
    assert.equal(metrics.has(name), help === undefined, line);
    if (line.includes("_bucket")) {
      values.push(Number(line.split(" ").at(-1)));
    }
    metrics.set(name, values);
  }

  assert.equal(metrics.size, 10);
  for (const counts of metrics.values()) {
    assert.deepEqual(
      counts,
      [...counts].sort((one, other) => one - other),
    );
  }
});

it("returns that text as the result over other protocols", async () => {
  const request = aRequest({ action: "stats", format: "prometheus" });

  assert.equal(typeof (await stats(request)), "string");
  assert.ok(!request.response.raw);
});

it("refuses a format that it does not know", async () => {
  await assert.rejects(ask({ format: "xml" }), {
    id: "plugin.document-update.invalid_argument",
    message:
      'Invalid argument "format": expected "json" or "prometheus", found \'xml\'.',
    status: 400,
  });
});

it("counts errors together after too many different ids", async () => {
  const counting = new UpdateStatistics();
  for (let number = 0; number < 150; number++) {
    await fail(counting, `made.up.${number}`);
  }
  await fail(counting, "made.up.0");

  assert.equal(counting.failures.size, 101);
  assert.equal(counting.failures.get("other"), 50);
  assert.equal(counting.failures.get("made.up.0"), 2);
});
