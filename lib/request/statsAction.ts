import { inspect } from "node:util";

import type { KuzzleRequest } from "kuzzle";

import type { ApiDocumentUpdateStatsResult, ApiHistogram } from "../api";
import { pluginError } from "../errors";
import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import type { DocumentQueues } from "../write/DocumentQueues";

/**
 * Makes the handler of the `stats` action, which returns the figures of this node.
 *
 * @param node identifier of this node
 */
export function statsAction(
  node: string,
  statistics: UpdateStatistics,
  queues: DocumentQueues,
): (request: KuzzleRequest) => Promise<ApiDocumentUpdateStatsResult | string> {
  return (request) => {
    const format = request.input.args["format"] ?? "json";
    if (format !== "json" && format !== "prometheus") {
      const expected = '"json" or "prometheus"';
      return Promise.reject(
        pluginError("invalid_argument", "format", expected, inspect(format)),
      );
    }
    const stats = snapshot(node, statistics, queues);
    if (format === "json") {
      return Promise.resolve(stats);
    }

    // Over other protocols than HTTP, the text is the result of an ordinary answer.
    if (request.context.connection.protocol === "http") {
      request.response.configure({
        format: "raw",
        headers: { "content-type": "text/plain; version=0.0.4" },
      });
    }
    return Promise.resolve(toPrometheus(stats));
  };
}

function snapshot(
  node: string,
  statistics: UpdateStatistics,
  { count, longest, longestEver }: DocumentQueues,
): ApiDocumentUpdateStatsResult {
  const { batches, conflicts, failures, folds, retries, updates } = statistics;

  return {
    batches: batches.toApi(),
    conflicts,
    failures: Object.fromEntries(failures),
    folds: folds.toApi(),
    node,
    queues: { documents: count, longest, longestEver },
    retries,
    updates,
    writeDuration: statistics.writeDuration.toApi(),
  };
}

const PREFIX = "kuzzle_document_update";

/** What follows the name of a metric in a line, such as `{id="an id"}`, and the value. */
type Sample = readonly [rest: string, value: number];

/** Metrics of one type, by their names: what each is, and its value or samples. */
type Metrics = Readonly<
  Record<string, readonly [help: string, number | readonly Sample[]]>
>;

/**
 * Writes the figures in the text format that Prometheus reads.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function toPrometheus(stats: ApiDocumentUpdateStatsResult): string {
  const { conflicts, queues, retries, updates } = stats;
  const failures = Object.entries(stats.failures).map(([id, count]): Sample => [
    `{id="${escape(id)}"}`,
    count,
  ]);

  return [
    metrics("counter", {
      updates_total: ["Updates that were requested.", updates],
      failures_total: ["Updates that failed.", failures],
      conflicts_total: [
        "Writes that failed with a version conflict.",
        conflicts,
      ],
      retries_total: [
        "Writes that were sent again after a version conflict.",
        retries,
      ],
    }),
    metrics("gauge", {
      queued_documents: [
        "Documents that a fold or a modification writes, or that updates wait for.",
        queues.documents,
      ],
      queue_length: [
        "Length of the longest queue of a document.",
        queues.longest,
      ],
      queue_length_max: [
        "Length of the longest queue since the node started.",
        queues.longestEver,
      ],
    }),
    metrics("histogram", {
      fold_size: [
        "Number of updates that each fold stored as one.",
        samplesOf(stats.folds),
      ],
      batch_size: [
        "Number of updates in each request to storage.",
        samplesOf(stats.batches),
      ],
      write_duration_seconds: [
        "Duration of each write.",
        samplesOf(stats.writeDuration),
      ],
    }),
  ].join("");
}

function metrics(type: string, all: Metrics): string {
  const lines = Object.entries(all).flatMap(([name, [help, value]]) => {
    const full = `${PREFIX}_${name}`;
    const samples: readonly Sample[] =
      typeof value === "number" ? [["", value]] : value;
    return [
      `# HELP ${full} ${help}`,
      `# TYPE ${full} ${type}`,
      ...samples.map(([rest, each]) => `${full}${rest} ${each}`),
    ];
  });

  return `${lines.join("\n")}\n`;
}

function samplesOf({ buckets, count, sum }: ApiHistogram): Sample[] {
  return [
    ...buckets.map((each): Sample => [`_bucket{le="${each.le}"}`, each.count]),
    ["_sum", sum],
    ["_count", count],
  ];
}

function escape(label: string): string {
  return label.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
}
