import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const ATTEMPTS = 3;
/**
 * Another process may take a free port before a server listens to it. Kuzzle leaves an entry in Redis if it
 * ends soon after its start, which expires after 4 s.
 */
const PASSES =
  /Address already in use|EADDRINUSE|unable to listen to port|port \d+ is unavailable|port is already allocated|Another node share the same IP address/;
const PASSES_AFTER_MS = 5_000;

/**
 * Starts a server on free ports: again, with others, where it fails for a reason that passes.
 *
 * @template T
 * @param {() => Promise<T>} start chooses free ports; its error has the last lines of the server's log
 */
export async function startOnFreePorts(start) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (!PASSES.test(String(error)) || attempt === ATTEMPTS) {
        throw error;
      }
      await sleep(PASSES_AFTER_MS);
    }
  }
}

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

/** Returns random ports in a row, all of them free. @param {number} count */
export async function freePorts(count) {
  for (;;) {
    const port = await freePort();
    // Whoever takes one of a row takes all of it.
    const first = port - (port % count);
    const row = Array.from({ length: count }, (_, n) => first + n);
    if (!(await Promise.all(row.map(isFree))).includes(false)) {
      return row;
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
