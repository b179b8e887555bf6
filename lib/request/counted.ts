import { KuzzleError, type KuzzleRequest } from "kuzzle";

import type { UpdateStatistics } from "../statistics/UpdateStatistics";

/** The handler of an action. */
export type Handler = (request: KuzzleRequest) => Promise<unknown>;

/** Counts the requests of an action, and its failures. */
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
