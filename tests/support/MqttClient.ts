import { connectAsync, type MqttClient as Connection } from "mqtt";

import {
  type ApiAnswer,
  type ApiClient,
  type ApiRequest,
  toPayload,
} from "./request";
import { withDeadline } from "./WebSocketClient";

/** Speaks JSON over MQTT, on Kuzzle's default topics. */
export class MqttClient implements ApiClient {
  readonly protocol = "mqtt";
  readonly #connection: Connection;
  #answered: ((body: ApiAnswer["body"]) => void) | undefined;

  private constructor(connection: Connection) {
    this.#connection = connection;
    connection.on("message", (_topic, payload) =>
      this.#answered?.(JSON.parse(payload.toString())),
    );
  }

  static async connect(port: number): Promise<MqttClient> {
    const connection = await connectAsync(`mqtt://127.0.0.1:${port}`);
    await connection.subscribeAsync("Kuzzle/response");

    return new MqttClient(connection);
  }

  async send(request: ApiRequest): Promise<ApiAnswer> {
    const body = await withDeadline(
      new Promise<ApiAnswer["body"]>((resolve) => {
        this.#answered = resolve;
        this.#connection.publish(
          "Kuzzle/request",
          JSON.stringify(toPayload(request)),
        );
      }),
    );

    return { body };
  }

  async close(): Promise<void> {
    await this.#connection.endAsync();
  }
}
