import type { KuzzleError } from "kuzzle";

import { collectionOf } from "./alias";
import { answerOf, askForUpdate } from "./StorageSeam";
import { type ClientCall, type StorageClient, tagged } from "./WriteTag";

/**
 * Recognizes the Elasticsearch client with which Kuzzle stores an application's documents. Server code
 * may have created other clients of the same class.
 *
 * To find it, Kuzzle is asked for an update that ends before it is sent: the client that it uses is the
 * one.
 */
export class PublicClient {
  #client: StorageClient | undefined;
  #hasAsked = false;
  readonly #warn: (message: string) => void;

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  /** Tells whether a call comes from Kuzzle itself, and updates a document of the application. */
  asks({ client, params }: ClientCall): boolean {
    const asked = collectionOf(params["index"]);
    if (asked === undefined) {
      return false;
    }
    if (!this.#hasAsked) {
      this.#hasAsked = true;
      void this.#ask(asked.index, asked.collection);
    }

    return client === this.#client;
  }

  async #ask(index: string, collection: string): Promise<void> {
    const tag = {
      onUpdate: ({ client, params }: ClientCall) => {
        this.#client = client;
        return Promise.resolve(answerOf(params));
      },
      onValidate: () => false,
    };
    try {
      await askForUpdate("public", index, collection, tagged({}, tag));
    } catch (error) {
      // Kuzzle does not know this collection: try again with another one.
      this.#hasAsked = (error as KuzzleError).status !== 412;
    }
    if (this.#hasAsked && this.#client === undefined) {
      this.#warn(
        "This Kuzzle is not as expected: its own client of Elasticsearch cannot be found. Updates that are made without the plugin are stored one by one.",
      );
    }
  }
}
