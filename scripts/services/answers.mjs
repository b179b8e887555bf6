import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 200;

/**
 * Polls until a probe succeeds.
 *
 * @param {() => Promise<boolean>} probe
 * @param {number} timeout ms
 * @returns {Promise<boolean>} false after the timeout
 */
export async function becomesTrue(probe, timeout) {
  const deadline = Date.now() + timeout;
  do {
    if (await probe()) {
      return true;
    }
    await sleep(POLL_MS);
  } while (Date.now() < deadline);

  return false;
}

/**
 * Tells whether Elasticsearch is ready to store documents.
 *
 * @param {string} url
 * @param {string} [clusterName] name of the expected cluster, since another one may answer
 */
export async function elasticsearchAnswers(url, clusterName) {
  try {
    const health = new URL(
      "/_cluster/health?wait_for_status=yellow&timeout=5s",
      url,
    );
    const response = await fetch(health, {
      headers: authorization(url),
      signal: AbortSignal.timeout(10_000),
    });
    const { cluster_name: name } = /** @type {{ cluster_name?: string }} */ (
      await response.json()
    );
    return response.ok && (clusterName === undefined || name === clusterName);
  } catch {
    return false;
  }
}

/**
 * @param {string} url
 * @returns {Promise<string>} the version of the Elasticsearch at this address
 */
export async function elasticsearchVersion(url) {
  const response = await fetch(new URL("/", url), {
    headers: authorization(url),
    signal: AbortSignal.timeout(10_000),
  });
  const { version } = /** @type {{ version: { number: string } }} */ (
    await response.json()
  );

  return version.number;
}

/**
 * Tells whether Redis accepts connections. It answers without a password, too.
 *
 * @param {string} url
 */
export function redisAnswers(url) {
  const { hostname, port } = new URL(url);

  return new Promise((resolve) => {
    const socket = connect({
      host: hostname,
      port: Number(port || 6379),
      timeout: 5_000,
    });
    const answer = (/** @type {boolean} */ value) => {
      socket.destroy();
      resolve(value);
    };
    socket.once("connect", () => socket.write("PING\r\n"));
    socket.once("data", (data) =>
      answer(/^(\+PONG|-NOAUTH)/.test(data.toString())),
    );
    socket.once("error", () => answer(false));
    socket.once("timeout", () => answer(false));
  });
}

/**
 * Moves credentials from the URL to a header, because `fetch` refuses URLs with credentials.
 *
 * @param {string} url
 * @returns {Record<string, string>}
 */
function authorization(url) {
  const { password, username } = new URL(url);
  if (username === "") {
    return {};
  }
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;

  return {
    authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
  };
}
