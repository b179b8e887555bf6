import { setTimeout as pause } from "node:timers/promises";

import type { JSONObject } from "kuzzle-sdk";

import type { Cluster } from "../support/Cluster";
import type { PipelinedSocket } from "../support/PipelinedSocket";
import type { ApiRequest } from "../support/request";
import { withDeadline } from "../support/WebSocketClient";
import { connectTo } from "./everyNode";

/** What came of a request: its answer, or the id of the error that says that nobody knows. */
export type Outcome =
  | { readonly answer: JSONObject; readonly sent: number }
  | { readonly unknown: string; readonly sent: number };

/** Pause before a request is sent again, in ms. */
const PAUSE_MS = 100;
const UNKNOWN = /^plugin\.document-update\.(request_)?outcome_unknown$/;
/** Nothing was stored, or the first sending of the request is under way. */
const AGAIN =
  /^plugin\.document-update\.(request_pending|version_conflict|request_keys_unavailable)$/;

/** A client that sends an unanswered request again with the same key, through the next node. */
export class KeyedClient {
  readonly #cluster: Cluster;
  readonly #jwt: string;
  /** The one that it is connected to is that of the client with this number. */
  #number: number;
  #socket: PipelinedSocket | undefined;

  constructor(cluster: Cluster, jwt: string, number: number) {
    this.#cluster = cluster;
    this.#jwt = jwt;
    this.#number = number;
  }

  /** @throws an error that a client should not get */
  async send(request: ApiRequest, requestKey: string): Promise<Outcome> {
    for (let sent = 1; ; sent++) {
      const body = await this.#try({
        ...request,
        args: { ...request.args, requestKey },
        jwt: this.#jwt,
      });
      const { error, result } = body ?? { error: undefined };
      if (error === null) {
        return { answer: result, sent };
      }
      if (UNKNOWN.test(error?.id)) {
        return { sent, unknown: error.id };
      }
      if (error && !AGAIN.test(error.id)) {
        throw new Error(`${error.id}: ${error.message}`);
      }
      await pause(PAUSE_MS);
    }
  }

  async close(): Promise<void> {
    await this.#socket?.close();
  }

  /** Returns nothing where there is no answer: the next try is through another node. */
  async #try(request: ApiRequest): Promise<JSONObject | undefined> {
    try {
      this.#socket ??= await connectTo(this.#cluster, this.#number);
      return (await withDeadline(this.#socket.send(request))).body;
    } catch {
      await this.#socket?.close();
      this.#socket = undefined;
      this.#number++;
      return undefined;
    }
  }
}
