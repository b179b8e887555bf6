import {
  type Backend,
  Controller,
  type JSONObject,
  type KuzzleRequest,
  Mutex,
} from "kuzzle";
import type { DocumentUpdatePlugin } from "kuzzle-plugin-document-update";
import { DocumentUpdateController } from "kuzzle-plugin-document-update/client";

import { type Measures, stepsOf } from "./devices";

type Ids = [index: string, collection: string, _id: string];

/** Server code that stores the measures of a payload in their asset, each only if it is newer: in four ways. */
export class DevicesController extends Controller {
  readonly #plugin: DocumentUpdatePlugin | undefined;

  /** @param plugin of the application, if it has it */
  constructor(app: Backend, plugin: DocumentUpdatePlugin | undefined) {
    super(app);
    this.#plugin = plugin;
    this.definition = {
      actions: {
        readChangeWrite: { handler: storing(this.#readChangeWrite.bind(this)) },
        steps: { handler: storing(this.#steps.bind(this)) },
        underMutex: { handler: storing(this.#underMutex.bind(this)) },
        updateWith: { handler: storing(this.#updateWith.bind(this)) },
      },
    };
  }

  async #readChangeWrite(asset: Ids, measures: Measures): Promise<void> {
    const { _source } = await this.app.sdk.document.get(...asset);
    await this.app.sdk.document.update(...asset, {
      ..._source,
      measures: { ..._source["measures"], ...newer(_source, measures) },
    });
  }

  /** As kuzzle-device-manager locks, with the Mutex as it is by default. */
  async #underMutex(asset: Ids, measures: Measures): Promise<void> {
    const mutex = new Mutex(asset.join("/"));
    await mutex.lock();
    try {
      await this.#readChangeWrite(asset, measures);
    } finally {
      await mutex.unlock();
    }
  }

  async #steps(asset: Ids, measures: Measures): Promise<void> {
    const steps = stepsOf(measures);
    const documentUpdate = new DocumentUpdateController(this.app.sdk);
    // None of the others fires events.
    await documentUpdate.modify(...asset, { steps }, { events: false });
  }

  async #updateWith(asset: Ids, measures: Measures): Promise<void> {
    await this.#plugin!.updateWith(
      ...asset,
      ({ _source }) => ({ measures: newer(_source, measures) }),
      { events: false },
    );
  }
}

/** Those of the measures that are newer than the asset's. */
function newer(asset: JSONObject, measures: Measures): Measures {
  return Object.fromEntries(
    Object.entries(measures).filter(
      ([name, { at }]) => !(asset["measures"]?.[name]?.at >= at),
    ),
  );
}

function storing(store: (asset: Ids, measures: Measures) => Promise<void>) {
  return async (request: KuzzleRequest) => {
    const { collection, index } = request.getIndexAndCollection();
    const { measures } = request.getBody() as { measures: Measures };
    await store([index, collection, request.getId()], measures);
  };
}
