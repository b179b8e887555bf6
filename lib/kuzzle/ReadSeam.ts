import { AsyncLocalStorage } from "node:async_hooks";

import { Internal } from "./Internal";
import { asAnswer, askForRead, clientPrototype } from "./StorageSeam";
import type { ClientGet, Read, StorageClient } from "./WriteTag";

/** Property of the replaced method, which holds the reader of the current asynchronous context. */
const SEAM = Symbol.for("kuzzle-plugin-document-update.get");

type Reading = AsyncLocalStorage<Read | undefined>;

type Seam = ClientGet & { [SEAM]?: Reading };

/**
 * Lets the plugin answer the reads by which Kuzzle validates an update, by replacing the method `get` of
 * its client of Elasticsearch. All other reads are left to the client, and so is a read whose
 * asynchronous context got lost.
 */
export class ReadSeam extends Internal {
  readonly name = "its reads of documents";
  readonly cost = "documents are read one by one";

  #reading: Reading | undefined;

  /** Runs a function in whose course Kuzzle reads a document, with `read` in place of the client's own method. */
  reading<T>(read: Read | undefined, run: () => Promise<T>): Promise<T> {
    return read && this.isTrusted ? this.#reading!.run(read, run) : run();
  }

  /** Replaces the method, and has Kuzzle read a document to check that it is called. */
  protected async check(): Promise<boolean> {
    this.#reading = install();
    let isSeen = false;
    const read = () => {
      isSeen = true;
      return Promise.resolve(asAnswer({}));
    };
    await this.#reading.run(read, askForRead);

    return isSeen;
  }
}

function install(): Reading {
  const prototype = clientPrototype() as { get: Seam };
  const { get } = prototype;
  if (get[SEAM]) {
    return get[SEAM];
  }
  const reading: Reading = new AsyncLocalStorage();
  const seam = function (this: StorageClient, ...args: Parameters<ClientGet>) {
    const read = reading.getStore();
    if (!read || !isPlain(args)) {
      return get.apply(this, args);
    }
    const [params] = args;
    // Reads that `read` itself makes go to the client.
    return reading.run(undefined, () => read({ client: this, get, params }));
  };
  prototype.get = Object.assign(seam, { [SEAM]: reading });

  return reading;
}

/** Tells whether a call has the form that Kuzzle uses to read a document: index and id, and no options. */
function isPlain([params, ...rest]: readonly unknown[]): boolean {
  return (
    rest.length === 0 &&
    Object.keys(Object(params) as object)
      .sort()
      .join() === "id,index"
  );
}
