import { once } from "node:events";
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as sendRequest,
  type Server,
} from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A request that Kuzzle sends to Elasticsearch. */
export interface StorageCall {
  readonly method: string;
  /** With its parts decoded. */
  readonly path: string;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

export interface StorageAnswer {
  readonly status: number;
  readonly headers?: IncomingHttpHeaders;
  readonly body: Buffer | string;
}

/**
 * Does something with a request.
 *
 * @param forward hands it on, and returns the answer
 * @returns the answer for Kuzzle; nothing to cut the connection
 */
export type Meddle = (
  call: StorageCall,
  forward: () => Promise<StorageAnswer>,
) => Promise<StorageAnswer | undefined>;

/** A proxy between Kuzzle and Elasticsearch that handles requests as a test needs. */
export class StorageProxy {
  readonly url: string;
  /** How requests are handled; by default they are forwarded. */
  meddle: Meddle = (_, forward) => forward();
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server: Server;
  readonly #target: URL;

  private constructor(target: URL, server: Server) {
    this.#target = target;
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async listen(elasticsearchUrl: string): Promise<StorageProxy> {
    const server = createServer((incoming, response) => {
      void proxy.#answerTo(incoming).then((answer) => {
        if (answer === undefined) {
          response.destroy();
          return;
        }
        response.writeHead(answer.status, answer.headers);
        response.end(answer.body);
      });
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const proxy = new StorageProxy(new URL(elasticsearchUrl), server);

    return proxy;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
  }

  async #answerTo(
    incoming: IncomingMessage,
  ): Promise<StorageAnswer | undefined> {
    try {
      const body = await buffer(incoming);
      const { headers, method = "GET", url = "/" } = incoming;
      const call = {
        body: body.toString(),
        headers,
        method,
        path: decodeURIComponent(url),
      };
      return await this.meddle(call, () => this.#forward(incoming, body));
    } catch {
      // Storage is down, and its requests are lost.
      return undefined;
    }
  }

  async #forward(
    { headers, method, url }: IncomingMessage,
    body: Buffer,
  ): Promise<StorageAnswer> {
    const forwarded = sendRequest({
      agent: this.#agent,
      headers: { ...headers, host: this.#target.host },
      host: this.#target.hostname,
      method,
      path: url,
      port: this.#target.port,
    });
    forwarded.end(body);
    const [response] = (await once(forwarded, "response")) as [IncomingMessage];

    return {
      body: await buffer(response),
      headers: response.headers,
      status: Number(response.statusCode),
    };
  }
}

/** The documents that a request to storage updates; none where it does something else. */
export function updatedIn({ body, method, path }: StorageCall): string[] {
  const [, single] = /\/_update\/([^?]+)/.exec(path) ?? [];
  if (single !== undefined) {
    return [single];
  }

  return method === "POST" && /\/_bulk(\?|$)/.test(path)
    ? body
        .trimEnd()
        .split("\n")
        .filter((_, line) => line % 2 === 0)
        .map((line) => String(JSON.parse(line).update?._id))
    : [];
}
