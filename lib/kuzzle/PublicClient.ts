import type { KuzzleError } from "kuzzle";

import { collectionOf } from "./alias";
import { answerOf, askForUpdate } from "./StorageSeam";
import { type ClientCall, type StorageClient, tagged } from "./WriteTag";

/**
 * Knows the client by which Kuzzle stores the documents of an application, among those of the same
 * class that server code has made for itself.
 *
 * Kuzzle is asked for an update: the client that is to send it is the one.
 */
export class PublicClient {
  #client: StorageClient | undefined;
  #hasAsked = false;
  readonly #warn: (message: string) => void;

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  /** Tells whether Kuzzle itself asks for an update of a document of the application. */
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
      // A collection that Kuzzle does not know: another one will do.
      this.#hasAsked = (error as KuzzleError).status !== 412;
    }
    if (this.#hasAsked && this.#client === undefined) {
      this.#warn(
        "This Kuzzle is not as expected: which client of Elasticsearch is its own. Updates that are not the plugin's are stored one by one.",
      );
    }
  }
}
