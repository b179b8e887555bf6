import type { JSONObject } from "kuzzle-sdk";

import type { Reactions } from "../application/probe";
import { PipelinedSocket } from "../support/PipelinedSocket";
import type { ApiAnswer, ApiRequest, Target } from "../support/request";
import type { Stage } from "../support/Stage";

/** Stores a document, and returns its request's target. */
export async function stored(
  { stage }: Stage,
  target: Target,
  _id: string,
  body: JSONObject,
): Promise<Target & { readonly _id: string }> {
  await stage.call({
    ...target,
    _id,
    action: "createOrReplace",
    body,
    controller: "document",
  });

  return { ...target, _id };
}

/** Returns a document as it is stored, without what Kuzzle adds to its content. */
export async function documentOf(
  { stage }: Stage,
  target: Target & { readonly _id: string },
): Promise<{ readonly version: number; readonly content: JSONObject }> {
  const { _source, _version } = await stage.call({
    ...target,
    action: "get",
    controller: "document",
  });
  delete _source._kuzzle_info;

  return { content: _source, version: _version };
}

/** Sends a request of the plugin's by the client that sets the stage. */
export async function send(
  { stage }: Stage,
  request: ApiRequest,
): Promise<JSONObject> {
  const { body } = await stage.send({
    controller: "document-update",
    ...request,
  });

  return body;
}

/** Tells the probe how to react to the events of a request, or asks what it has seen of them. */
export function probe(
  { stage }: Stage,
  action: string,
  requestId: string,
  body: Reactions = {},
): Promise<JSONObject> {
  return stage.call({
    action,
    args: { target: requestId },
    body,
    controller: "probe",
  });
}

/** Sends requests by many clients, each of which waits for its answer before its next one. */
export async function sendAll(
  { port }: { readonly port: number },
  clients: number,
  requests: readonly ApiRequest[],
): Promise<readonly JSONObject[]> {
  const answers: JSONObject[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      const socket = await PipelinedSocket.connect(port);
      for (let n = next++; n < requests.length; n = next++) {
        answers[n] = (await socket.send(requests[n]!)).body;
      }
      await socket.close();
    }),
  );

  return answers;
}

/** The error of an answer, by its status and id, or null. */
export function errorOf({ body }: Pick<ApiAnswer, "body">): string | null {
  const { error } = body;

  return error && `${error.status} ${error.id}`;
}
