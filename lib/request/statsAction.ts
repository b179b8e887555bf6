import { inspect } from "node:util";

import type { KuzzleRequest } from "kuzzle";

import type { ApiDocumentUpdateStatsResult, ApiHistogram } from "../api";
import { pluginError } from "../errors";
import type { Histogram } from "../statistics/Histogram";
import { toPrometheus } from "../statistics/toPrometheus";
import type { UpdateStatistics } from "../statistics/UpdateStatistics";
import type { DocumentLanes } from "../write/DocumentLanes";

/** Makes the handler of the `stats` action: what the update action has done on this node. */
export function statsAction(
  statistics: UpdateStatistics,
  lanes: readonly DocumentLanes[],
): (request: KuzzleRequest) => Promise<ApiDocumentUpdateStatsResult | string> {
  return (request) => {
    const format = request.input.args["format"] ?? "json";
    if (format !== "json" && format !== "prometheus") {
      const expected = '"json" or "prometheus"';
      return Promise.reject(
        pluginError("invalid_argument", "format", expected, inspect(format)),
      );
    }
    const stats = snapshot(statistics, lanes);
    if (format === "json") {
      return Promise.resolve(stats);
    }

    // Over other protocols, the text is the result of an answer like any other.
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
  statistics: UpdateStatistics,
  lanes: readonly DocumentLanes[],
): ApiDocumentUpdateStatsResult {
  const { conflicts, delegate, failures, folds, groups, retries, updates } =
    statistics;

  return {
    conflicts,
    delegate: toApi(delegate),
    failures: Object.fromEntries(failures),
    folds: toApi(folds),
    groups: toApi(groups),
    lanes: {
      count: lanes.reduce((sum, { count }) => sum + count, 0),
      longest: Math.max(...lanes.map(({ longest }) => longest)),
      longestEver: statistics.longestLane,
    },
    node: global.kuzzle.id,
    retries,
    updates,
  };
}

function toApi({ cumulative, sum }: Histogram): ApiHistogram {
  return {
    buckets: Object.fromEntries(
      cumulative.map(([bound, count]) => [
        bound === Infinity ? "+Inf" : String(bound),
        count,
      ]),
    ),
    count: cumulative.at(-1)![1],
    sum,
  };
}
