import assert from "node:assert/strict";

import type { JSONObject, KuzzleRequest, PluginContext } from "kuzzle";

import type { ApiDocumentUpdateStatsResult } from "../../lib/api";
import { DocumentUpdatePlugin } from "../../lib/plugin/DocumentUpdatePlugin";
import type { Version } from "./fakeElasticsearch";
import { aRequest, type FakeKuzzle } from "./fakeKuzzle";
import { FakeRedis } from "./FakeRedis";
import { RunningKuzzle } from "./runningKuzzle";

type Run = (request: KuzzleRequest) => Promise<unknown>;

type Listener = (payload?: unknown) => unknown;

/**
 * The plugin in a Kuzzle that runs, and that it has checked: its own actions above Kuzzle's embedded
 * SDK, document controller and client of Elasticsearch, and documents in memory beneath.
 *
 * @param pipes of the API events that the plugin fires
 * @param change makes another Kuzzle of it, after the plugin's `init` and before its checks
 */
export async function aPlugin(
  config: JSONObject = {},
  version: Version = "7",
  pipes: ConstructorParameters<typeof FakeKuzzle>[0] = {},
  change: (kuzzle: RunningKuzzle) => void = () => {},
) {
  const kuzzle = new RunningKuzzle(pipes, version);
  const redis = new FakeRedis();
  const funnel = kuzzle.kuzzle["funnel"] as { executePluginRequest: Run };
  const run = funnel.executePluginRequest;
  funnel.executePluginRequest = async (request) => {
    const { body, controller } = request.input;
    return controller === "ms"
      ? redis.mexecute(body!["actions"])
      : run(request);
  };
  // Nothing listens to the events of updates.
  kuzzle.hooks.clear();
  const infos: string[] = [];
  const warnings: string[] = [];
  const plugin = new DocumentUpdatePlugin();
  plugin.init(config, {
    accessors: { nodeId: "a-node", sdk: kuzzle.sdk },
    config: { limits: { documentsWriteCount: 200 }, plugins: {} },
    log: {
      info: (message: string) => infos.push(message),
      warn: (message: string) => warnings.push(message),
    },
  } as unknown as PluginContext);
  const { api, hooks = {}, pipes: registered = {} } = plugin;
  for (const [event, pipe] of Object.entries(registered)) {
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
  change(kuzzle);
  await (registered["kuzzle:state:live"] as Listener)();

  const [controller] = Object.values(api ?? {});
  const { modify, stats, update } = controller?.actions ?? {};
  assert.ok(modify && stats && update);

  return {
    infos,
    kuzzle,
    modify: (request: KuzzleRequest): Promise<unknown> =>
      modify.handler(request),
    /** A native update, once Kuzzle has checked the right and fired the before events. */
    native: (request: KuzzleRequest): Promise<unknown> =>
      kuzzle.controller.update(request),
    plugin,
    redis,
    stats: () =>
      stats.handler(
        aRequest({ action: "stats" }),
      ) as Promise<ApiDocumentUpdateStatsResult>,
    update: (request: KuzzleRequest): Promise<unknown> =>
      update.handler(request),
    warnings,
  };
}
