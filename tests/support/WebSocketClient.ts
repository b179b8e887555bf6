import { once } from "node:events";
import { inspect } from "node:util";

import type { JSONObject } from "kuzzle-sdk";
import { WebSocket } from "ws";

import {
  type ApiAnswer,
  type ApiClient,
  type ApiRequest,
  DEADLINE_MS,
  toPayload,
} from "./request";

/** The connection ended before the answer came. */
export class ConnectionLost extends Error {
  override readonly message = "connection lost";
}

/** Speaks plain JSON over a WebSocket. */
export class WebSocketClient implements ApiClient {
  readonly protocol = "websocket";
  /** Notifications of its subscriptions, in order of arrival. */
  readonly notifications: JSONObject[] = [];
  readonly #socket: WebSocket;
  #answered: ((body: JSONObject) => void) | undefined;
  #lost: ((reason: Error) => void) | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) =>
      this.#receive(JSON.parse((data as Buffer).toString())),
    );
    // A connection that breaks closes, too.
    socket.on("error", () => {});
    socket.on("close", () => this.#lost?.(new ConnectionLost()));
  }

  static async connect(
    port: number,
    host = "127.0.0.1",
  ): Promise<WebSocketClient> {
    const socket = new WebSocket(`ws://${host}:${port}`);
    await once(socket, "open");

    return new WebSocketClient(socket);
  }

  async send(request: ApiRequest): Promise<ApiAnswer> {
    const body = await withDeadline(
      new Promise<JSONObject>((resolve, reject) => {
        this.#answered = resolve;
        this.#lost = reject;
        this.#socket.send(
          JSON.stringify(toPayload(request)),
          (error) => error && reject(new ConnectionLost()),
        );
      }),
    );

    return { body };
  }

  /** Sends a request that has to succeed, and returns its result. */
  async call(request: ApiRequest): Promise<JSONObject> {
    const { body } = await this.send(request);
    if (body["error"]) {
      const { errors, message } = body["error"];
      const told = errors ? `${message} ${inspect(errors)}` : message;
      throw new Error(
        `${String(request.controller)}:${String(request.action)}: ${told}`,
      );
    }

    return body["result"];
  }

  async close(): Promise<void> {
    this.#socket.close();
  }

  #receive(message: JSONObject): void {
    // A notification comes in the channel of a subscription; an answer in that of its request.
    if (typeof message["type"] === "string" && message["scope"] !== undefined) {
      this.notifications.push(message);
      return;
    }
    // Answers no request: a token that this connection has used.
    if (message["type"] !== "TokenExpired") {
      this.#answered?.(message);
    }
  }
}

/** Rejects when the promise takes longer than a client waits, with the error that `fetch` has for it. */
export function withDeadline<T>(
  promise: Promise<T>,
  ms = DEADLINE_MS,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(new DOMException(`no answer within ${ms} ms`, "TimeoutError")),
      ms,
    );
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
