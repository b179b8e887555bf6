import { createRequire } from "node:module";

import { EmbeddedSDK, type KuzzleRequest } from "kuzzle";

import type { StorageClient } from "../../lib/kuzzle/storageClient";
import { aUser, FakeKuzzle } from "./fakeKuzzle";

interface DocumentController {
  create(request: KuzzleRequest): Promise<unknown>;
  get(request: KuzzleRequest): Promise<unknown>;
  update(request: KuzzleRequest): Promise<unknown>;
}

interface StorageErrors {
  formatESError(error: unknown): Error;
}

type Pipe = (payload: unknown) => unknown;

const requireOfKuzzle = createRequire(__filename);

const Controller = requireOfKuzzle(
  "kuzzle/dist/lib/api/controllers/documentController",
) as new () => DocumentController;

/**
 * A {@link FakeKuzzle} in which Kuzzle's own embedded SDK, document controller, errors of storage and
 * client of Elasticsearch do their work.
 */
export class RunningKuzzle extends FakeKuzzle {
  readonly sdk: EmbeddedSDK;
  /** Requests that the embedded SDK has handed to Kuzzle. */
  readonly handed: KuzzleRequest[] = [];
  /** Kuzzle's own document controller, where the plugin finds it. */
  readonly controller: DocumentController;
  /** Documents that Kuzzle has read to validate an update. */
  readonly validated: string[] = [];

  constructor(...args: ConstructorParameters<typeof FakeKuzzle>) {
    super(...args);
    const { client } = this.elasticsearch;
    const [, version = "7"] = args;
    const StorageErrors = requireOfKuzzle(
      `kuzzle/dist/lib/service/storage/${version}/esWrapper`,
    ) as new (client: StorageClient) => StorageErrors;
    const errors = new StorageErrors(client);
    const storing = (action: "create" | "update") => {
      const event = `core:storage:public:document:${action}`;
      const store = this.answers.get(event)!;
      this.answers.set(event, async (...all) => {
        try {
          return await store(...all);
        } catch (error) {
          throw errors.formatESError(error);
        }
      });
    };
    storing("create");
    storing("update");
    this.answers
      .set("core:network:internal:connectionId:get", () => "embedded")
      .set("core:realtime:document:notify", () => {})
      .set("core:security:user:get", (_id) => aUser({ _id: String(_id) }))
      .set("core:storage:private:document:get", (index, collection, id) =>
        client.get({ id, index: `@%${String(index)}.${String(collection)}` }),
      )
      .set(
        "core:storage:public:document:get",
        async (index, collection, id) => {
          const alias = `@&${String(index)}.${String(collection)}`;
          try {
            return await client.get({ id, index: alias });
          } catch (error) {
            throw errors.formatESError(error);
          }
        },
      );
    this.kuzzle.validation["validate"] = async (request: KuzzleRequest) => {
      const { _id, collection, index } = request.input.args;
      if (request.input.action === "create") {
        return request;
      }
      this.validated.push(_id);
      const get = "core:storage:public:document:get";
      await global.kuzzle.ask(get, index, collection, _id);
      return request;
    };
    Object.assign(this.kuzzle, {
      emit: () => {},
      on: () => {},
      pipe: async (event: string, payload: unknown) => {
        for (const pipe of (this.pluginPipes.get(event) ?? []) as Pipe[]) {
          payload = await pipe(payload);
        }
        return payload;
      },
    });
    this.controller = new Controller();
    this.kuzzle["funnel"] = {
      controllers: new Map([["document", this.controller]]),
      executePluginRequest: async (request: KuzzleRequest) => {
        this.handed.push(request);
        const action = request.input.action as keyof DocumentController;
        return this.controller[action](request);
      },
    };
    this.sdk = new EmbeddedSDK();
    Object.assign(global.app, { sdk: this.sdk });
  }
}
