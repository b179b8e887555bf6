import { once } from "node:events";
import {
  type AddressInfo,
  connect,
  createServer,
  type Server,
  type Socket,
} from "node:net";
import { pipeline } from "node:stream";

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  "http:": 80,
  "redis:": 6379,
};

/** Forwards connections from its own port to another address. */
export class TcpForwarder {
  /** The URL that it was given, by way of this forwarder. */
  readonly url: string;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(url: string, server: Server, sockets: Set<Socket>) {
    this.url = url;
    this.#server = server;
    this.#sockets = sockets;
  }

  /**
   * @param host the address to listen on
   * @param url where connections go
   */
  static async listen(host: string, url: string): Promise<TcpForwarder> {
    const { hostname, port, protocol } = new URL(url);
    const target = {
      host: hostname.replace(/^\[|\]$/g, ""),
      port: Number(port || DEFAULT_PORTS[protocol]),
    };
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      // Either end takes the other along.
      pipeline(socket, connect(target), socket, () => sockets.delete(socket));
    });
    await once(server.listen({ host, port: 0 }), "listening");

    const forwarded = new URL(url);
    forwarded.host = `${host}:${(server.address() as AddressInfo).port}`;

    return new TcpForwarder(forwarded.href, server, sockets);
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    await closed;
  }
}
