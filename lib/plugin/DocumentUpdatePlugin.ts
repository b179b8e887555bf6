import { type JSONObject, Plugin, type PluginContext } from "kuzzle";

import { interceptNativeUpdate } from "../request/nativeInterception";
import { updateAction } from "../request/updateAction";
import { restoreVolatile } from "../write/callersVolatile";
import { readConfiguration } from "./configuration";
import { manifest } from "../errors";
import { updateOperation } from "./openapi";

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
    const { checkRights, controller, interceptNative } =
      readConfiguration(config);
    const path = `/_/${controller}/:index/:collection/:_id/_update`;

    this.config = config;
    this.context = context;
    this.api = {
      [controller]: {
        actions: {
          update: {
            handler: updateAction(context.accessors.sdk, { checkRights }),
            http: [
              { openapi: updateOperation(), path, verb: "put" },
              { openapi: updateOperation(), path, verb: "patch" },
            ],
          },
        },
      },
    };
    this.pipes = { "generic:document:injectMetadata": restoreVolatile };
    if (interceptNative) {
      const { hooks, pipes } = interceptNativeUpdate(controller);
      this.hooks = hooks;
      Object.assign(this.pipes, pipes);
    }
  }
}
