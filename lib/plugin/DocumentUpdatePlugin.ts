import { type JSONObject, Plugin, type PluginContext } from "kuzzle";

import { interceptNativeUpdate } from "../request/nativeInterception";
import { nativeRightCheck } from "../request/rights";
import { statsAction } from "../request/statsAction";
import { updateAction } from "../request/updateAction";
import { UpdateStatistics } from "../statistics/UpdateStatistics";
import { delegateTo } from "../write/delegateUpdate";
import { restoreNotification } from "../write/groupNotification";
import { updateWriter } from "../write/updateWriter";
import { readConfiguration } from "./configuration";
import { manifest } from "../errors";
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
    const {
      checkRights,
      controller,
      groupCommit,
      interceptNative,
      retryOnConflict,
    } = configuration;
    const path = `/_/${controller}/:index/:collection/:_id/_update`;
    const statistics = new UpdateStatistics();
    const delegate = delegateTo(
      context.accessors.sdk,
      retryOnConflict,
      statistics,
    );
    const { hooks, isAllowed } = nativeRightCheck();
    const { lanes, write } = updateWriter(delegate, configuration, statistics);

    this.config = config;
    this.context = context;
    this.api = {
      [controller]: {
        actions: {
          stats: {
            handler: statsAction(statistics, lanes),
            http: [
              {
                openapi: statsOperation(),
                path: `/_/${controller}/_stats`,
                verb: "get",
              },
            ],
          },
          update: {
            handler: updateAction(
              write,
              checkRights ? isAllowed : undefined,
              statistics,
            ),
            http: [
              { openapi: updateOperation(), path, verb: "put" },
              { openapi: updateOperation(), path, verb: "patch" },
            ],
          },
        },
      },
    };
    // What is not needed is not listened to: Kuzzle pays for it at each request, native ones too.
    this.hooks = checkRights ? hooks : {};
    this.pipes =
      groupCommit.length > 0 ? { "notify:document": restoreNotification } : {};
    if (interceptNative) {
      const interception = interceptNativeUpdate(controller);
      Object.assign(this.hooks, interception.hooks);
      Object.assign(this.pipes, interception.pipes);
    }
  }
}
