import { randomUUID } from "node:crypto";

import type { JSONObject } from "kuzzle-sdk";

import type { Target } from "../support/request";
import { until } from "../support/until";
import { WebSocketClient } from "../support/WebSocketClient";

/** A client that is notified of the updates of a collection. */
export class Subscriber {
  readonly #client: WebSocketClient;
  readonly #target: Target;
  /** A document that nobody else updates. */
  readonly #last = `last-${randomUUID()}`;
  #asked = 0;

  private constructor(client: WebSocketClient, target: Target) {
    this.#client = client;
    this.#target = target;
  }

  static async of(target: Target, port: number): Promise<Subscriber> {
    const client = await WebSocketClient.connect(port);
    const subscriber = new Subscriber(client, target);
    await subscriber.#call("document", "create", {}, subscriber.#last);
    await subscriber.#call("realtime", "subscribe", {});

    return subscriber;
  }

  /** Returns all notifications so far, once those of earlier updates have arrived. */
  async told(): Promise<readonly JSONObject[]> {
    const asked = ++this.#asked;
    await this.#call("document", "update", { asked }, this.#last);
    const { notifications } = this.#client;
    await until("the last notification", async () =>
      notifications.some(
        ({ result }) =>
          result._id === this.#last && result._source.asked === asked,
      ),
    );

    return notifications.filter(({ result }) => result._id !== this.#last);
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  #call(controller: string, action: string, body: JSONObject, _id?: string) {
    return this.#client.call({
      ...this.#target,
      action,
      body,
      controller,
      ...(_id !== undefined && { _id }),
    });
  }
}
