import { once } from "node:events";

import type { JSONObject } from "kuzzle-sdk";
import { WebSocket } from "ws";

import type { Target } from "../support/request";
import { withDeadline } from "../support/WebSocketClient";

/** Sends updates whose JSON is written by the caller, all of them at once. */
export class RawSocket {
  readonly #answered = new Map<string, (answer: JSONObject) => void>();
  readonly #socket: WebSocket;
  #sent = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      const answer = JSON.parse((data as Buffer).toString()) as JSONObject;
      this.#answered.get(String(answer["requestId"]))?.(answer);
    });
  }

  static async connect(port: number): Promise<RawSocket> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, {
      maxPayload: 2 ** 27,
    });
    await once(socket, "open");

    return new RawSocket(socket);
  }

  /** @param parts of the request, as JSON */
  update(
    target: Target,
    _id: string,
    parts: Readonly<Record<string, string>>,
  ): Promise<JSONObject> {
    const requestId = String(++this.#sent);
    const request = JSON.stringify({
      ...target,
      _id,
      action: "update",
      controller: "document-update",
      requestId,
    });
    const more = Object.entries(parts).map(
      ([name, json]) => `,${JSON.stringify(name)}:${json}`,
    );

    return withDeadline(
      new Promise((resolve) => {
        this.#answered.set(requestId, resolve);
        this.#socket.send(`${request.slice(0, -1)}${more.join("")}}`);
      }),
    );
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, "close");
    this.#socket.terminate();
    await closed;
  }
}
