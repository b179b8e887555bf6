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

/** Pause before a request is sent again, and between an answer and the next request, in ms. */
const PAUSE_MS = 50;
const UNKNOWN = /^plugin\.document-update\.(request_)?outcome_unknown$/;
/** Nothing was stored, or the first sending of the request is under way. */
const AGAIN =
  /^plugin\.document-update\.(request_pending|version_conflict|timed_out|request_keys_unavailable)$/;

/**
 * A client that sends a request one time after another, each with a key of its own, until it is
 * stopped. One without an answer is sent again with the same key, through the next node.
 */
export class KeyedLoad {
  readonly outcomes: Outcome[] = [];
  /** Rejects with an error that a client should not get. */
  readonly ended: Promise<void>;
  readonly #cluster: Cluster;
  /** The one that it is connected to is that of the client with this number. */
  #number: number;
  #socket: PipelinedSocket | undefined;
  #stopped = false;

  constructor(cluster: Cluster, number: number, request: ApiRequest) {
    this.#cluster = cluster;
    this.#number = number;
    this.ended = this.#run(request, number);
  }

  stop(): void {
    this.#stopped = true;
  }

  async #run(request: ApiRequest, name: number): Promise<void> {
    for (let n = 0; !this.#stopped; n++) {
      const args = { ...request.args, requestKey: `${name}-${n}` };
      this.outcomes.push(await this.#send({ ...request, args }));
      await pause(PAUSE_MS);
    }
    await this.#socket?.close();
  }

  async #send(request: ApiRequest): Promise<Outcome> {
    for (let sent = 1; ; sent++) {
      const { error, result } = (await this.#try(request)) ?? {};
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
