import assert from "node:assert/strict";

import type { JSONObject, KuzzleRequest, PluginContext } from "kuzzle";

import type { ApiDocumentUpdateStatsResult } from "../../lib/api";
import { DocumentUpdatePlugin } from "../../lib/plugin/DocumentUpdatePlugin";
import type { Version } from "./fakeElasticsearch";
import { aRequest } from "./fakeKuzzle";
import { RunningKuzzle } from "./runningKuzzle";

type Listener = (payload?: unknown) => unknown;

/** The plugin in a Kuzzle that runs, and that it has checked. */
export async function aPlugin(config: JSONObject = {}, version: Version = "7") {
  const kuzzle = new RunningKuzzle({}, version);
  // Nothing listens to the events of updates.
  kuzzle.hooks.clear();
  const warnings: string[] = [];
  const plugin = new DocumentUpdatePlugin();
  plugin.init(config, {
    accessors: { nodeId: "a-node", sdk: kuzzle.sdk },
    config: { limits: { documentsWriteCount: 200 } },
    log: { warn: (message: string) => warnings.push(message) },
  } as unknown as PluginContext);
  const { api, hooks = {}, pipes = {} } = plugin;
  for (const [event, pipe] of Object.entries(pipes)) {
    kuzzle.pluginPipes.set(event, [pipe as Listener]);
  }
  for (const event of Object.keys(hooks)) {
    kuzzle.hooks.add(event);
  }
  kuzzle.answers.set("core:security:profile:mGet", (ids) => {
    const event = "core:security:profile:mGet";
    const response = [{ isActionAllowed: async () => true }];
    (hooks[event] as Listener | undefined)?.({ args: [ids], response });
    return response;
  });
  const ready = "kuzzle:state:ready";
  await (pipes[ready] as Listener)();
  await (hooks[ready] as Listener | undefined)?.();

  const [controller] = Object.values(api ?? {});
  const { stats, update } = controller?.actions ?? {};
  assert.ok(stats && update);

  return {
    kuzzle,
    plugin,
    stats: () =>
      stats.handler(
        aRequest({ action: "stats" }),
      ) as Promise<ApiDocumentUpdateStatsResult>,
    update: (request: KuzzleRequest): Promise<unknown> =>
      update.handler(request),
    warnings,
  };
}
