import type { ApiDocumentUpdateStatsResult, ApiHistogram } from "../api";

const PREFIX = "kuzzle_document_update";

interface Sample {
  readonly suffix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Writes the figures in the text format that Prometheus reads.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function toPrometheus(stats: ApiDocumentUpdateStatsResult): string {
  const { batches, conflicts, delegate, failures, folds, lanes, retries } =
    stats;
  const failed = Object.entries(failures).map(([id, value]) => ({
    labels: { id },
    value,
  }));

  return [
    metric("updates_total", "counter", "Updates that were requested.", [
      { value: stats.updates },
    ]),
    metric("failures_total", "counter", "Updates that failed.", failed),
    metric(
      "conflicts_total",
      "counter",
      "Writes that failed with a version conflict.",
      [{ value: conflicts }],
    ),
    metric(
      "retries_total",
      "counter",
      "Writes that were sent again after a version conflict.",
      [{ value: retries }],
    ),
    metric("lanes", "gauge", "Documents with a queue of updates to fold.", [
      { value: lanes.count },
    ]),
    metric("lane_length", "gauge", "Length of the longest queue.", [
      { value: lanes.longest },
    ]),
    metric(
      "lane_length_max",
      "gauge",
      "Length of the longest queue since the node started.",
      [{ value: lanes.longestEver }],
    ),
    metric(
      "fold_size",
      "histogram",
      "Number of updates that each fold stored as one.",
      samples(folds),
    ),
    metric(
      "batch_size",
      "histogram",
      "Number of updates in each request to storage.",
      samples(batches),
    ),
    metric(
      "delegate_duration_seconds",
      "histogram",
      "Duration of each call of the embedded SDK.",
      samples(delegate),
    ),
  ].join("");
}

function samples({ buckets, count, sum }: ApiHistogram): Sample[] {
  return [
    ...Object.entries(buckets)
      // Prometheus requires ascending bounds, but an object lists integer keys first.
      .sort(([one], [other]) => boundOf(one) - boundOf(other))
      .map(([le, value]) => ({ labels: { le }, suffix: "_bucket", value })),
    { suffix: "_sum", value: sum },
    { suffix: "_count", value: count },
  ];
}

function boundOf(le: string): number {
  return le === "+Inf" ? Infinity : Number(le);
}

function metric(
  name: string,
  type: string,
  help: string,
  all: readonly Sample[],
): string {
  const full = `${PREFIX}_${name}`;
  const lines = all.map(
    ({ labels = {}, suffix = "", value }) =>
      `${full}${suffix}${inBraces(labels)} ${value}\n`,
  );

  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join("")}`;
}

function inBraces(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${escape(value)}"`,
  );

  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
}

function escape(value: string): string {
  return value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
}
