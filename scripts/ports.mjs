import { createServer } from "node:net";

/**
 * Returns a random TCP port that is free on this machine: those who look at the same time do not find the
 * same one. By default it is none that systems give to outgoing connections, which would keep a service
 * from starting again.
 */
export async function freePort(first = 20_000, last = 29_999) {
  for (;;) {
    const port = first + Math.floor(Math.random() * (last - first + 1));
    if (await isFree(port)) {
      return port;
    }
  }
}

/** Tells whether nobody listens to a TCP port. @param {number} port */
export async function isFree(port) {
  // On macOS a process can listen on all addresses although another one listens on one of them.
  return (await canListen(port)) && (await canListen(port, "127.0.0.1"));
}

/**
 * @param {number} port
 * @param {string} [host] every address by default
 */
function canListen(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ exclusive: true, host, port }, () =>
      server.close(() => resolve(true)),
    );
  });
}
