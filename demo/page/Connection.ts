import { Kuzzle, WebSocket as WebSocketProtocol } from "kuzzle-sdk";
import { DocumentUpdateController } from "kuzzle-plugin-document-update/client";

import type { Client } from "./Client";
import { hostOf } from "./request/Host";

export type ConnectionState = "connected" | "lost" | "waiting";

const RETRY_MS = 1_000;

/** Makes a client of the Kuzzle that serves this page; it is not connected yet. */
export function newClient(): Client {
  const { hostname, port, ssl } = hostOf(location);
  const kuzzle = new Kuzzle(
    new WebSocketProtocol(hostname, { autoReconnect: false, port, ssl }),
  );
  kuzzle.useController(DocumentUpdateController, "documentUpdate");

  return kuzzle;
}

/**
 * A connection that comes back by itself: each time with a new client, so that nothing of the one that
 * was lost is left, such as its subscriptions.
 */
export class Connection {
  readonly #onState: (state: ConnectionState) => void;
  readonly #onConnect: (client: Client) => Promise<void>;
  #client: Client | undefined;

  /** @param onConnect called after each time that it was made */
  constructor(
    onState: (state: ConnectionState) => void,
    onConnect: (client: Client) => Promise<void>,
  ) {
    this.#onState = onState;
    this.#onConnect = onConnect;
    void this.#connect();
  }

  /** The client, while there is a connection. */
  get client(): Client | undefined {
    return this.#client;
  }

  async #connect(): Promise<void> {
    for (;;) {
      const client = newClient();
      let isOver = false;
      client.on("disconnected", () => {
        isOver = true;
        if (this.#client === client) {
          this.#client = undefined;
          this.#onState("lost");
          void this.#connect();
        }
      });
      try {
        await client.connect();
        await this.#onConnect(client);
        if (!isOver) {
          this.#client = client;
          this.#onState("connected");
          return;
        }
      } catch {
        client.disconnect();
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
