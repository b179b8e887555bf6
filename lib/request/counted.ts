import { KuzzleError, type KuzzleRequest } from "kuzzle";

import type { UpdateStatistics } from "../statistics/UpdateStatistics";

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
