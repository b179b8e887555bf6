import { AsyncLocalStorage } from "node:async_hooks";

import { Internal } from "./Internal";
import { asAnswer, askForRead, clientPrototype } from "./StorageSeam";
import type { ClientGet, Read, StorageClient } from "./WriteTag";

/** Holds, on the function that stands before the client's own, who reads in the course of what. */
const SEAM = Symbol.for("kuzzle-plugin-document-update.get");

type Reading = AsyncLocalStorage<Read | undefined>;

type Seam = ClientGet & { [SEAM]?: Reading };

/**
 * Has the reads that Kuzzle makes to validate an update be seen where it asks its client of
 * Elasticsearch for them. All others go their native way, and so does one whose asynchronous context
 * got lost.
 */
export class ReadSeam extends Internal {
  readonly name = "its reads of documents";
  readonly cost = "documents are read one by one";

  #reading: Reading | undefined;

  /** Runs something in the course of which Kuzzle reads a document. */
  reading<T>(read: Read | undefined, run: () => Promise<T>): Promise<T> {
    return read && this.isTrusted ? this.#reading!.run(read, run) : run();
  }

  /** Installs the seam, and has Kuzzle read a document that it answers. */
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
    // What it asks of a client, maybe for others who wait, goes the native way.
    return reading.run(undefined, () => read({ client: this, get, params }));
  };
  prototype.get = Object.assign(seam, { [SEAM]: reading });

  return reading;
}

/** Kuzzle asks for a document by its identifier, and gives no options. */
function isPlain([params, ...rest]: readonly unknown[]): boolean {
  return (
    rest.length === 0 &&
    Object.keys(Object(params) as object)
      .sort()
      .join() === "id,index"
  );
}
