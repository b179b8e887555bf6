import { type JSONObject, Plugin, type PluginContext } from "kuzzle";

import { manifest } from "../errors";
import { nodeIdOf } from "../kuzzle/application";
import { KuzzleInside, type UntaggedWrites } from "../kuzzle/KuzzleInside";
import { PublicClient } from "../kuzzle/PublicClient";
import type { Read } from "../kuzzle/WriteTag";
import { API_EVENTS } from "../request/apiEvents";
import {
  interceptNativeUpdate,
  isNativeUpdate,
} from "../request/nativeInterception";
import { nativeRightCheck } from "../request/rights";
import { statsAction } from "../request/statsAction";
import { updateAction } from "../request/updateAction";
import { UpdateStatistics } from "../statistics/UpdateStatistics";
import { BatchedStorage } from "../storage/BatchedStorage";
import { sendNatively } from "../storage/sendBulk";
import { writeWay } from "../storage/writeWay";
import { CollectionMappings } from "../write/CollectionMappings";
import { delegateTo } from "../write/delegateUpdate";
import { foldRules } from "../write/foldRules";
import { updateWriter } from "../write/updateWriter";
import { readConfiguration } from "./configuration";
import { statsOperation, updateOperation } from "./openapi";

/**
 * Adds the API action `document-update:update` to a Kuzzle application: native `document:update`
 * with its events, rights and identity, delegated to the embedded SDK.
 *
 * @example
 * app.plugin.use(new DocumentUpdatePlugin());
 */
export class DocumentUpdatePlugin extends Plugin {
  constructor() {
    super({ kuzzleVersion: manifest.kuzzleVersion });
  }

  /**
   * Called by Kuzzle, once, before the application starts.
   *
   * @throws plugin.document-update.invalid_configuration
   */
  init(config: JSONObject, context: PluginContext): void {
    const configuration = readConfiguration(config);
    const { batchWrites, checkRights, controller, interceptNative } =
      configuration;
    const { sdk } = context.accessors;
    const warn = (message: string) => context.log.warn(message);
    const statistics = new UpdateStatistics();

    const storage = new BatchedStorage((size) =>
      statistics.batches.record(size),
    );
    const inside = new KuzzleInside(
      sdk,
      batchWrites === "application" ? batchingAll(storage, warn) : {},
    );
    const { funnelOrder, listeners, profilesRead, specifications } = inside;

    const way = writeWay(inside, storage, batchWrites !== false, warn);
    const { lanes, write } = updateWriter(
      delegateTo(
        inside.impersonation,
        way,
        configuration.retryOnConflict,
        statistics,
      ),
      foldRules(
        configuration.fold,
        specifications,
        way.isMetadataEventHeard,
        new CollectionMappings(sdk),
      ),
      configuration,
      statistics,
    );

    const path = `/_/${controller}/:index/:collection/:_id/_update`;
    this.config = config;
    this.context = context;
    this.api = {
      [controller]: {
        actions: {
          stats: {
            handler: statsAction(nodeIdOf(context), statistics, lanes),
            http: [
              {
                openapi: statsOperation(controller),
                path: `/_/${controller}/_stats`,
                verb: "get",
              },
            ],
          },
          update: {
            handler: updateAction(
              write,
              checkRights ? nativeRightCheck(profilesRead) : undefined,
              listeners.hearing(...API_EVENTS),
              statistics,
            ),
            http: [
              {
                openapi: updateOperation(controller, "put"),
                path,
                verb: "put",
              },
              {
                openapi: updateOperation(controller, "patch"),
                path,
                verb: "patch",
              },
            ],
          },
        },
      },
    };
    // What is not needed is not listened to: Kuzzle pays for it at each request, native ones too.
    this.hooks = { ...listeners.hooks, ...(checkRights && profilesRead.hooks) };
    this.pipes = {
      ...listeners.pipes,
      // Server code may not wait for its updates.
      "kuzzle:shutdown": () => storage.drain(),
      // Requests are served, but none of this plugin's, until its pipes have ended.
      "kuzzle:state:ready": () =>
        inside.verify(
          [
            ...(checkRights ? [profilesRead] : []),
            ...(interceptNative ? [funnelOrder] : []),
          ],
          warn,
        ),
    };
    if (interceptNative) {
      const interception = interceptNativeUpdate(controller, funnelOrder);
      Object.assign(this.hooks, interception.hooks);
      Object.assign(this.pipes, interception.pipes);
    }
  }
}

/** Batches the updates that Kuzzle makes beside those of the plugin. */
function batchingAll(
  storage: BatchedStorage,
  warn: (message: string) => void,
): UntaggedWrites {
  const publicClient = new PublicClient(warn);
  const read: Read = (call) => storage.read(call);

  return {
    read: (request) => (isNativeUpdate(request) ? read : undefined),
    update: (call) =>
      publicClient.asks(call) ? storage.store(call, sendNatively) : undefined,
  };
}
