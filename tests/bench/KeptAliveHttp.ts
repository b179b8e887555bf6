import { Agent, type IncomingMessage, request as open } from "node:http";
import { text } from "node:stream/consumers";

/** Sends HTTP requests over connections that stay open: `fetch` takes a multiple of the CPU. */
export class KeptAliveHttp {
  readonly #agent: Agent;
  readonly #origin: URL;

  constructor(origin: string, connections: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.#origin = new URL(origin);
  }

  async send(
    method: string,
    path: string,
    body: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number; text: string }> {
    const { hostname, port } = this.#origin;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = open(
        {
          agent: this.#agent,
          headers: {
            "content-length": Buffer.byteLength(body),
            "content-type": "application/json",
            ...headers,
          },
          hostname,
          method,
          path,
          port,
        },
        resolve,
      );
      request.on("error", reject);
      request.end(body);
    });

    return { status: Number(response.statusCode), text: await text(response) };
  }

  close(): void {
    this.#agent.destroy();
  }
}
