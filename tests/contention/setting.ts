import type { ApiDocumentUpdateStatsResult } from "kuzzle-plugin-document-update";
import type { JSONObject } from "kuzzle-sdk";

import { PipelinedSocket } from "../support/PipelinedSocket";
import { DEADLINE_MS, type Target } from "../support/request";
import type { WebSocketClient } from "../support/WebSocketClient";
import type { TestApplication } from "../support/TestApplication";
import { until } from "../support/until";
import { Crowd } from "./Crowd";

/** Anything that has a client for preparing a test. */
export interface Staged {
  readonly stage: WebSocketClient;
}

/** Every document has this, and no update changes it. */
export const kept = { kept: true };

export async function createDocument(
  { stage }: Staged,
  target: Target,
  _id: string,
): Promise<void> {
  await stage.call({
    ...target,
    _id,
    action: "create",
    body: kept,
    controller: "document",
  });
}

/** Returns a document without what Kuzzle adds to its content. */
export async function contentOf(
  { stage }: Staged,
  target: Target,
  _id: string,
): Promise<JSONObject> {
  const { _source } = await stage.call({
    ...target,
    _id,
    action: "get",
    controller: "document",
  });
  delete _source._kuzzle_info;

  return _source;
}

export async function statsOf({
  stage,
}: Staged): Promise<ApiDocumentUpdateStatsResult> {
  const request = { action: "stats", controller: "document-update" };

  return (await stage.call(request)) as ApiDocumentUpdateStatsResult;
}

/** How many updates have shared a request to storage with others. */
export function batchedOf({ batches }: ApiDocumentUpdateStatsResult): number {
  return batches.sum - batches.buckets[0]!.count;
}

/** Waits until no update waits to be folded. */
export async function queuesEmpty(of: Staged): Promise<void> {
  await until(
    "empty queues",
    async () => {
      const { queues } = await statsOf(of);
      return queues.documents === 0 && queues.longest === 0;
    },
    DEADLINE_MS,
  );
}

export function crowdOf(
  { port }: TestApplication,
  clients: number,
): Promise<Crowd> {
  return Crowd.gather(clients, () => PipelinedSocket.connect(port));
}

/** Holds the writes to storage that contain a text, until they are released. */
export async function holdStorage({ stage }: Staged, text: string) {
  const probe = async (action: string): Promise<void> => {
    const args = { text };
    await stage.call({ action, args, controller: "storage-probe" });
  };
  await probe("hold");

  return {
    /** Waits until there is such a write. */
    reached: () => probe("holding"),
    release: () => probe("release"),
  };
}
