import { mock } from "node:test";

import { KuzzleError, KuzzleRequest } from "kuzzle";

import type {
  UpdateArguments,
  UpdateOptions,
} from "../../lib/write/delegateUpdate";

/** The context of a request of the user "joe". */
export function aContext({
  connectionId = "a-connection",
  kuid = "joe",
  protocol = "websocket",
} = {}): KuzzleRequest["context"] {
  return new KuzzleRequest(
    {},
    { connection: { id: connectionId, protocol }, user: { _id: kuid } },
  ).context;
}

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
    context: aContext(),
    index: "nyc-open-data",
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

/** The outcomes of promises: their values, their errors, or "pending". */
export class Outcomes {
  readonly all: unknown[] = [];

  follow(promise: Promise<unknown>): void {
    const number = this.all.push("pending") - 1;
    void promise.then(
      (value) => (this.all[number] = value),
      (error: unknown) => (this.all[number] = error),
    );
  }

  /** The ids of errors, or what the others are. */
  get ids(): readonly unknown[] {
    return this.all.map((one) => (one as { id?: string }).id ?? one);
  }
}

/** Waits until all pending promises have settled. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Has the check of Kuzzle, which storage did not answer, run once more. Its timer has to be mocked. */
export async function checkedAgain(storage: {
  readonly sent: unknown[];
}): Promise<void> {
  storage.sent.length = 0;
  mock.timers.tick(500);
  while (storage.sent.length < 2) {
    await settled();
  }
  await settled();
  await settled();
}
