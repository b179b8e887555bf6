import assert from "node:assert/strict";

import type { JSONObject } from "kuzzle-sdk";

import type { ClientCall, ClientUpdate } from "../../lib/kuzzle/WriteTag";
import type { StorageClient } from "../../lib/kuzzle/storageClient";
import type { BatchOutcome, Outcome } from "../../lib/storage/BatchQueue";
import {
  readStorageRequest,
  type StorageRequest,
} from "../../lib/storage/bulk";
import { clientVersion, type Version } from "./fakeElasticsearch";
import { settled } from "./aWrite";

/** The call of its client that Kuzzle makes for an update. */
export function aCall(
  client: StorageClient,
  version: Version = "7",
  id = "liia",
  doc: unknown = { seats: 5 },
  params: JSONObject = {},
): ClientCall {
  return {
    client,
    params: {
      _source: "true",
      id,
      index: "@&iot.taxis",
      refresh: "false",
      retry_on_conflict: 10,
      ...(version === "7" ? { body: { doc } } : { doc }),
      ...params,
    },
    update: (client as unknown as { update: ClientUpdate }).update,
    version: clientVersion(version),
  };
}

export function aStorageRequest(
  ...args: Parameters<typeof aCall>
): StorageRequest {
  const request = readStorageRequest(aCall(...args));
  assert.ok(request);

  return request;
}

/** What has become of each member of a batch, once all have ended. */
export async function endedOf({
  outcomes,
}: BatchOutcome): Promise<readonly Outcome[]> {
  const ended: Outcome[] = [];
  for (const outcome of outcomes) {
    ended.push(await outcome);
  }

  return ended;
}

/** A request that a {@link PausedClient} has sent. */
export interface Departed {
  /** The documents that it updates; one alone goes by a single update. */
  readonly ids: readonly string[];
  readonly isBulk: boolean;
  /** @param text what each document holds, where storage does not tell how many bytes it sends */
  readonly answer: (bytes?: number, text?: string) => Promise<void>;
  readonly fail: (error: unknown) => Promise<void>;
}

/** A client, of version 7, whose requests end when a test says so. */
export class PausedClient {
  /** Requests that are under way. */
  readonly departed: Departed[] = [];
  readonly client = {
    bulk: ({ body }: JSONObject) => {
      const ids = String(body)
        .trim()
        .split("\n")
        .filter((_, line) => line % 2 === 0)
        .map((line) => (JSON.parse(line) as JSONObject)["update"]._id);
      return this.#depart(ids, true, (bytes, text) => ({
        body: {
          items: ids.map((_id) => ({
            update: { _id, ...(text !== undefined && { text }) },
          })),
        },
        headers: text === undefined ? { "content-length": String(bytes) } : {},
      }));
    },
    update: ({ id }: JSONObject) =>
      this.#depart([id], false, () => ({ body: { _id: id as string } })),
  } as unknown as StorageClient;

  /** The documents of each request that is under way. */
  get ids(): readonly string[] {
    return this.departed.map(({ ids }) => ids.join());
  }

  /** Has the requests that are under way end, and those that follow, until there are none. */
  async answerAll(): Promise<void> {
    while (this.departed.length > 0) {
      await this.departed[0]?.answer();
    }
  }

  #depart(
    ids: readonly string[],
    isBulk: boolean,
    answer: (bytes: number, text?: string) => JSONObject,
  ): Promise<JSONObject> {
    return new Promise((resolve, reject) => {
      const end = () => {
        this.departed.splice(this.departed.indexOf(request), 1);
        return settled();
      };
      const request: Departed = {
        answer: (bytes = 100, text) => {
          resolve(answer(bytes, text));
          return end();
        },
        fail: (error) => {
          reject(error);
          return end();
        },
        ids,
        isBulk,
      };
      this.departed.push(request);
    });
  }
}
