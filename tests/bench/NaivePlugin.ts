import {
  type ArgsDocumentControllerUpdate,
  type Backend,
  type JSONObject,
  KuzzleError,
  type KuzzleRequest,
  Plugin,
  type PluginContext,
} from "kuzzle";

import { BAREST, NAIVE } from "./contenders";
import { COUNTER } from "./WriteLedger";

/** What one would write in ten lines, and the least that delegating takes. */
export class NaivePlugin extends Plugin {
  readonly #app: Backend;

  constructor(app: Backend) {
    super({ kuzzleVersion: ">=2.0.0 <3" });
    this.#app = app;
  }

  init(config: JSONObject, context: PluginContext): void {
    const { sdk } = context.accessors;
    this.config = config;
    this.context = context;
    this.api = {
      [NAIVE]: controllerOf(NAIVE, {
        increment: (request) => this.#increment(request),
        update: (request) => {
          const options = {
            refresh: request.getRefresh(),
            retryOnConflict: request.input.args["retryOnConflict"] ?? 0,
            silent: request.getBoolean("silent"),
            source: request.getBoolean("source"),
          } as ArgsDocumentControllerUpdate;
          return sdk
            .as({ _id: String(request.getKuid()) })
            .document.update(
              ...documentOf(request),
              request.getBody(),
              options,
            );
        },
      }),
      // No user, hence no rights, no updater; no events; no argument but the changes.
      [BAREST]: controllerOf(BAREST, {
        update: (request) =>
          sdk.document.update(...documentOf(request), request.getBody()),
      }),
    };
  }

  /** Elasticsearch does it all: no rights, no events, no validation, no metadata, no notification. */
  async #increment(request: KuzzleRequest): Promise<JSONObject> {
    const [index, collection, id] = documentOf(request);
    const client = this.#app.storage.storageClient as Client;
    try {
      const { body } = await client.update({
        _source: true,
        body: {
          script: {
            params: { by: request.getBody()["by"] },
            source: `ctx._source.${COUNTER} += params.by`,
          },
        },
        id,
        // Kuzzle's name for the collection, in Elasticsearch.
        index: `@&${index}.${collection}`,
        retry_on_conflict: 50,
      });
      return {
        _id: id,
        _source: body["get"]._source,
        _version: body["_version"],
      };
    } catch (error) {
      const { message, statusCode } = error as Error & { statusCode?: number };
      throw statusCode === 409 ? new KuzzleError(message, 409) : error;
    }
  }
}

/** What is used of Elasticsearch's client, version 7. */
interface Client {
  update(params: JSONObject): Promise<{ readonly body: JSONObject }>;
}

type Handler = (request: KuzzleRequest) => Promise<unknown>;

function documentOf(request: KuzzleRequest): [string, string, string] {
  const { collection, index } = request.getIndexAndCollection();
  return [index, collection, request.getId()];
}

function controllerOf(
  controller: string,
  handlers: Readonly<Record<string, Handler>>,
) {
  const path = `/_/${controller}/:index/:collection/:_id`;

  return {
    actions: Object.fromEntries(
      Object.entries(handlers).map(([action, handler]) => [
        action,
        {
          handler,
          http: [{ path: `${path}/_${action}`, verb: "patch" as const }],
        },
      ]),
    ),
  };
}
