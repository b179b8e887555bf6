import { createServer } from "node:net";

/**
 * Returns a TCP port that is free on every address of this machine: the preferred one, or the next
 * free one above it.
 *
 * @param {number} preferred
 * @param {number} [last] the last port to try
 */
export async function freePort(preferred, last = preferred + 90) {
  for (let port = preferred; port <= last; port++) {
    // Some systems let one listen on every address beside another who listens on one of them.
    if ((await isFree(port)) && (await isFree(port, "127.0.0.1"))) {
      return port;
    }
  }

  throw new Error(`No port from ${preferred} to ${last} is free.`);
}

/**
 * @param {number} port
 * @param {string} [host] every address by default
 */
function isFree(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ exclusive: true, host, port }, () =>
      server.close(() => resolve(true)),
    );
  });
}
