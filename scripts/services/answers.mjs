import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Polls until a probe succeeds: resolves to false after the timeout, in ms.
 *
 * @param {() => Promise<boolean>} probe
 * @param {number} timeout
 */
export async function becomesTrue(probe, timeout) {
  const deadline = Date.now() + timeout;
  do {
    if (await probe()) {
      return true;
    }
    await sleep(200);
  } while (Date.now() < deadline);

  return false;
}

/** Tells whether a Redis accepts connections, or an Elasticsearch is ready to store. @param {string} url */
export async function answers(url) {
  try {
    if (url.startsWith("http")) {
      const path = "/_cluster/health?wait_for_status=yellow&timeout=5s";
      return (await get(url, path)).ok;
    }
    const { hostname: host, port } = new URL(url);
    const socket = connect({ host, port: Number(port || 6379) });
    socket.setTimeout(5_000, () => socket.destroy(new Error("no answer")));
    await once(socket, "connect");
    socket.destroy();
    return true;
  } catch {
    return false;
  }
}

/** Returns the version of an Elasticsearch. @param {string} url */
export async function elasticsearchVersion(url) {
  const { version } = /** @type {{ version: { number: string } }} */ (
    await (await get(url, "/")).json()
  );

  return version.number;
}

/** @param {string} url @param {string} path */
function get(url, path) {
  const { origin, password, username } = new URL(url);
  const user = decodeURIComponent(`${username}:${password}`);
  // `fetch` refuses them in the URL.
  const authorization = `Basic ${Buffer.from(user).toString("base64")}`;

  return fetch(`${origin}${path}`, {
    headers: username ? { authorization } : {},
    signal: AbortSignal.timeout(10_000),
  });
}
