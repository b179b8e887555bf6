import type { Plugin } from "kuzzle";

import type { Handler } from "../request/counted";
import { modifyOperation, statsOperation, updateOperation } from "./openapi";

/** Defines the controller: its actions, their routes, and their OpenAPI descriptions. */
export function apiDefinition(
  controller: string,
  handlers: Readonly<Record<"modify" | "stats" | "update", Handler>>,
): Required<Plugin>["api"] {
  const document = `/_/${controller}/:index/:collection/:_id`;

  return {
    [controller]: {
      actions: {
        modify: {
          handler: handlers.modify,
          http: [
            {
              openapi: modifyOperation(controller),
              path: `${document}/_modify`,
              verb: "post",
            },
          ],
        },
        stats: {
          handler: handlers.stats,
          http: [
            {
              openapi: statsOperation(controller),
              path: `/_/${controller}/_stats`,
              verb: "get",
            },
          ],
        },
        update: {
          handler: handlers.update,
          http: (["put", "patch"] as const).map((verb) => ({
            openapi: updateOperation(controller, verb),
            path: `${document}/_update`,
            verb,
          })),
        },
      },
    },
  };
}
