import { inspect } from "node:util";

import { KuzzleError, type KuzzleRequest } from "kuzzle";

import type { ApiDocumentUpdateStatsResult, ApiHistogram } from "../api";
import { pluginError } from "../errors";
import type {
  Histogram,
  UpdateStatistics,
} from "../statistics/UpdateStatistics";
import { toPrometheus } from "../statistics/toPrometheus";
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
  queues: DocumentQueues,
): ApiDocumentUpdateStatsResult {
  const { batches, conflicts, delegate, failures, folds, retries, updates } =
    statistics;

  return {
    batches: toApi(batches),
    conflicts,
    delegate: toApi(delegate),
    failures: Object.fromEntries(failures),
    folds: toApi(folds),
    lanes: {
      count: queues.count,
      longest: queues.longest,
      longestEver: queues.longestEver,
    },
    node,
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

/** The handler of an action. */
export type Handler = (request: KuzzleRequest) => Promise<unknown>;

/** Wraps the handler of an action so that its requests and failures are counted. */
export function counted(
  statistics: UpdateStatistics,
  handler: Handler,
): Handler {
  return (request) => {
    statistics.updates++;
    statistics.underWay++;
    return handler(request)
      .catch((error: unknown) => {
        statistics.failed(error instanceof KuzzleError ? error.id : "unknown");
        throw error;
      })
      .finally(() => statistics.underWay--);
  };
}
