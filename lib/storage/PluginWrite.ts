import type { JSONObject, KuzzleRequest } from "kuzzle";

import { pluginError } from "../errors";
import { changesOf } from "../kuzzle/StorageSeam";
import type { ClientCall, Read, WriteTag } from "../kuzzle/WriteTag";
import type { StorageCall } from "./StorageRequest";

/** How the updates of the plugin are stored. */
export interface WriteWay {
  /** Sends the request to storage that Kuzzle asks its client for. */
  readonly store: (call: StorageCall) => Promise<JSONObject>;
  /** Reads a document that Kuzzle asks its client for; by default, the client itself does. */
  readonly read: Read | undefined;
  /** Tells whether Kuzzle reads a document for nothing before it is updated. */
  readonly isReadForNothing: (request: KuzzleRequest) => boolean;
  /** Tells whether an application may change who is said to have updated a document. */
  readonly isMetadataEventHeard: () => boolean;
  /** Tells whether the requests to storage can be made conditional. */
  readonly canBeConditional: () => boolean;
  /**
   * Tells whether the collection of a request has an ingest pipeline, by which something else may be
   * stored than is sent. Where that cannot be known, it may.
   */
  readonly hasPipeline: (call: ClientCall) => boolean | Promise<boolean>;
  /** Told of an update that Kuzzle stored past its tag. */
  readonly onLost: () => void;
}

/** One update of the plugin's, on its way through Kuzzle to storage. */
export class PluginWrite implements WriteTag {
  #isReadSkipped = false;
  #isSent = false;
  #isUserKnown = false;
  readonly #kuid: string;
  protected readonly way: WriteWay;

  /** @param kuid identifier of the user on whose behalf it is */
  constructor(kuid: string, way: WriteWay) {
    this.#kuid = kuid;
    this.way = way;
  }

  onValidate(request: KuzzleRequest): boolean {
    this.#checkUser(request.getKuid());
    this.#isReadSkipped = this.way.isReadForNothing(request);

    return this.#isReadSkipped;
  }

  get read(): Read | undefined {
    return this.way.read;
  }

  /** Whether Kuzzle stored it past this tag, though for its sake the document was not read. */
  get isLost(): boolean {
    return this.#isReadSkipped && !this.#isSent;
  }

  async onUpdate(call: ClientCall): Promise<JSONObject> {
    this.#isSent = true;
    if (!this.#isUserKnown && !this.way.isMetadataEventHeard()) {
      const changes = changesOf(call.params) as JSONObject;
      this.#checkUser(changes["_kuzzle_info"]?.updater);
    }
    if (!this.#isReadSkipped) {
      return this.store(call);
    }

    try {
      return await this.store(call);
    } catch (error) {
      const { statusCode } = Object(error) as { statusCode?: number };
      if (statusCode === 404 || statusCode === 400) {
        // Natively the document is read first: where it is not there, that is the error.
        const { id, index } = call.params;
        await call.client.get({ id: id as string, index: index as string });
      }
      if (statusCode === 404) {
        // It has come into being meanwhile.
        return this.store(call);
      }
      throw error;
    }
  }

  protected store(call: ClientCall): Promise<JSONObject> {
    return this.way.store(call);
  }

  /** @throws plugin.document-update.not_impersonated where Kuzzle runs the update as another user's */
  #checkUser(found: unknown): void {
    this.#isUserKnown = true;
    if (found !== this.#kuid) {
      throw pluginError("not_impersonated", this.#kuid, String(found));
    }
  }
}
