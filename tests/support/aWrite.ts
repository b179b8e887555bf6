import { KuzzleError } from "kuzzle";

import type {
  UpdateArguments,
  UpdatedDocument,
  UpdateOptions,
} from "../../lib/write/UpdateArguments";

/** An update of the document "liia", by the user "joe". */
export function anUpdate(
  changes: Omit<Partial<UpdateArguments>, "options"> & {
    readonly options?: Partial<UpdateOptions>;
  } = {},
): UpdateArguments {
  return {
    _id: "liia",
    body: { seats: 5 },
    collection: "yellow-taxi",
    connectionId: "a-connection",
    index: "nyc-open-data",
    kuid: "joe",
    ...changes,
    options: {
      requestId: "a-request",
      silent: false,
      source: false,
      timestamp: 1,
      volatile: null,
      ...changes.options,
    },
  };
}

/** What Kuzzle throws when others write the document at once. */
export function aConflict(_id = "liia"): KuzzleError {
  return new KuzzleError(
    `[${_id}]: version conflict, required seqNo [3]`,
    500,
    "services.storage.unexpected_error",
    1,
  );
}

/** Storage whose writes end when a test says so, in the order in which they came. */
export class PausedStorage {
  /** Writes that are under way. */
  readonly writing: {
    readonly updates: readonly UpdateArguments[];
    readonly store: () => void;
    readonly fail: (error: unknown) => void;
  }[] = [];
  #version = 1;

  readonly update = (update: UpdateArguments): Promise<UpdatedDocument> =>
    this.#write([update]).then(([document]) => document!);

  readonly mUpdate = (
    updates: readonly UpdateArguments[],
  ): Promise<readonly UpdatedDocument[]> => this.#write(updates);

  /** Has all writes succeed, and those that follow from them, until there are none. */
  async storeAll(): Promise<void> {
    while (this.writing.length > 0) {
      this.writing[0]?.store();
      await settled();
    }
  }

  #write(
    updates: readonly UpdateArguments[],
  ): Promise<readonly UpdatedDocument[]> {
    return new Promise((resolve, reject) => {
      const end = () => this.writing.splice(this.writing.indexOf(write), 1);
      const write = {
        fail: (error: unknown) => {
          end();
          reject(error);
        },
        store: () => {
          end();
          resolve(
            updates.map(({ _id, body }) => ({
              _id,
              _source: {
                ...body,
                _kuzzle_info: { author: "joe", createdAt: 1 },
              } as UpdatedDocument["_source"],
              _version: ++this.#version,
            })),
          );
        },
        updates,
      };
      this.writing.push(write);
    });
  }
}

/** Waits until nothing more follows from what has happened. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
