import type { ApiAnswer, ApiClient, ApiRequest } from "../support/request";
import type { Sender } from "../support/UpdateLedger";

/**
 * Sends requests over a connection, and opens another one after a request without an answer: on the
 * old one that answer could still come, and be taken for the next one's.
 */
export class ReconnectingClient implements Sender {
  readonly #connect: () => Promise<ApiClient>;
  #client: ApiClient | undefined;

  constructor(connect: () => Promise<ApiClient>) {
    this.#connect = connect;
  }

  async send(request: ApiRequest): Promise<ApiAnswer> {
    this.#client ??= await this.#connect();
    try {
      return await this.#client.send(request);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.close();
  }
}
