import { once } from "node:events";

import type { JSONObject } from "kuzzle-sdk";
import { WebSocket } from "ws";

import { type ApiAnswer, type ApiRequest, toPayload } from "./request";
import type { Sender } from "./UpdateLedger";
import { ConnectionLost } from "./WebSocketClient";

interface Pending {
  readonly resolve: (answer: ApiAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** Sends requests over one WebSocket while others are under way, at little cost to this process. */
export class PipelinedSocket implements Sender {
  readonly #pending = new Map<string, Pending>();
  readonly #socket: WebSocket;
  #sent = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => this.#receive(data as Buffer));
    // A connection that breaks closes, too.
    socket.on("error", () => {});
    socket.on("close", () => {
      for (const { reject } of this.#pending.values()) {
        reject(new ConnectionLost());
      }
      this.#pending.clear();
    });
  }

  static async connect(
    port: number,
    host = "127.0.0.1",
  ): Promise<PipelinedSocket> {
    const socket = new WebSocket(`ws://${host}:${port}`, {
      maxPayload: 2 ** 27,
      perMessageDeflate: false,
    });
    await once(socket, "open");

    return new PipelinedSocket(socket);
  }

  /** Requests without an id are given one. */
  send(request: ApiRequest): Promise<ApiAnswer> {
    const { requestId = String(++this.#sent) } = request as {
      requestId?: string;
    };

    return this.sendJson(
      requestId,
      JSON.stringify({ ...toPayload(request), requestId }),
    );
  }

  /** @param json of a request with that id, which may be deeper than `JSON.stringify` goes */
  sendJson(requestId: string, json: string): Promise<ApiAnswer> {
    return new Promise((resolve, reject) => {
      this.#pending.set(requestId, { reject, resolve });
      this.#socket.send(json);
    });
  }

  async close(): Promise<void> {
    if (this.#socket.readyState !== WebSocket.CLOSED) {
      const closed = once(this.#socket, "close");
      this.#socket.terminate();
      await closed;
    }
  }

  #receive(data: Buffer): void {
    // Nobody here waits for a notification: a connection with subscriptions sends nothing else.
    if (this.#pending.size === 0) {
      return;
    }
    const body = JSON.parse(data.toString()) as JSONObject;
    const requestId = String(body["requestId"]);
    this.#pending.get(requestId)?.resolve({ body });
    this.#pending.delete(requestId);
  }
}
