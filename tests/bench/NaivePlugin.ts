import {
  type ArgsDocumentControllerUpdate,
  type JSONObject,
  type KuzzleRequest,
  Plugin,
  type PluginContext,
} from "kuzzle";

import { BAREST, NAIVE } from "./contenders";

/** What one would write in ten lines, and the least that delegating takes. */
export class NaivePlugin extends Plugin {
  constructor() {
    super({ kuzzleVersion: ">=2.0.0 <3" });
  }

  init(config: JSONObject, context: PluginContext): void {
    const { sdk } = context.accessors;
    this.config = config;
    this.context = context;
    this.api = {
      [NAIVE]: actionOf(NAIVE, (request) => {
        const options = {
          refresh: request.getRefresh(),
          retryOnConflict: request.input.args["retryOnConflict"] ?? 0,
          silent: request.getBoolean("silent"),
          source: request.getBoolean("source"),
        } as ArgsDocumentControllerUpdate;
        return sdk
          .as({ _id: String(request.getKuid()) })
          .document.update(...documentOf(request), request.getBody(), options);
      }),
      // No user, hence no rights, no updater; no events; no argument but the changes.
      [BAREST]: actionOf(BAREST, (request) =>
        sdk.document.update(...documentOf(request), request.getBody()),
      ),
    };
  }
}

function documentOf(request: KuzzleRequest): [string, string, string] {
  const { collection, index } = request.getIndexAndCollection();
  return [index, collection, request.getId()];
}

function actionOf(
  controller: string,
  handler: (request: KuzzleRequest) => Promise<unknown>,
) {
  const path = `/_/${controller}/:index/:collection/:_id/_update`;

  return {
    actions: {
      update: { handler, http: [{ path, verb: "patch" as const }] },
    },
  };
}
