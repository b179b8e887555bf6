import { createServer } from "node:net";

/**
 * Returns a TCP port that is free on all addresses of this machine: the preferred one, or the next free
 * one above it.
 *
 * @param {number} preferred
 * @param {number} [last] last port to try
 * @param {number} [count] number of consecutive free ports, of which the first is returned; the ranges
 * that are tried do not overlap
 */
export async function freePort(preferred, last = preferred + 90, count = 1) {
  for (let first = preferred; first + count - 1 <= last; first += count) {
    if (await areFree(first, count)) {
      return first;
    }
  }

  throw new Error(`No port from ${preferred} to ${last} is free.`);
}

/**
 * @param {number} first
 * @param {number} count
 */
async function areFree(first, count) {
  for (let port = first; port < first + count; port++) {
    if (!(await isFree(port))) {
      return false;
    }
  }

  return true;
}

/**
 * Tells whether nobody on this machine listens to a TCP port.
 *
 * @param {number} port
 */
export async function isFree(port) {
  // On some systems a process can listen on all addresses although another one listens on one of them.
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
