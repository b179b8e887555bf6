import { fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { Unmet } from "./fail.mjs";
import { root } from "./paths.mjs";
import { freePort, isFree } from "./ports.mjs";

const COMMAND_PORT = 7510;
/** Port for clients. The port between these two belongs to the cluster, as the first one does. */
const HTTP_PORT = COMMAND_PORT + 2;
const MQTT_PORT = 1883;
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 20_000;
/** Number of lines of the log that are shown after a failed start: enough for the failure and its stack. */
const LOG_LINES = 100;
const ATTEMPTS = 3;
const PORT_TAKEN = /unable to listen to port|EADDRINUSE|Address already in use/;
/** Kuzzle leaves an entry in Redis if it ends soon after its start. The entry expires after 4 s. */
const FORMER_NODE = "Another node share the same IP address";
const FORMER_NODE_MS = 5_000;
/** Because of such an entry a start may be aborted, leaving locks for which plugins wait up to 30 s. */
const PLUGIN_TIMEOUT_MS = 60_000;

/**
 * @typedef {object} Application a Kuzzle application in a process of its own
 * @property {number} port of HTTP and WebSocket
 * @property {number} mqttPort
 * @property {import("node:child_process").ChildProcess} process
 * @property {() => Promise<void>} stop
 */

/**
 * @typedef {object} Launch
 * @property {string} entry file that starts the application, then sends its parent a message
 * @property {import("./services/index.mjs").Services} services
 * @property {string} log file for what it prints
 * @property {Record<string, string>} [env] added to its environment
 * @property {string} [cwd] folder that it runs in
 * @property {string[]} [execArgv] arguments of Node.js; by default those that run TypeScript
 * @property {readonly string[]} [within] command that runs it in a network of its own, where the
 * usual ports are free
 */

/**
 * Starts a Kuzzle application and waits until it serves. It stops when `stop` is called, and when
 * this process ends in whatever way.
 *
 * @param {Launch} launch
 * @returns {Promise<Application>}
 */
export async function startKuzzle(launch) {
  const { entry, log } = launch;

  for (let attempt = 1; ; attempt++) {
    // A random offset, so that processes that tried the same port do not try the same one again.
    const offset = attempt === 1 ? 0 : Math.ceil(Math.random() * 60);
    const application = await tryStart(launch, offset);
    if (application !== undefined) {
      return application;
    }
    const output = await readFile(log, "utf8");
    const isFormerNode = output.includes(FORMER_NODE);
    // Another process may take a free port before Kuzzle listens to it.
    if (!(isFormerNode || PORT_TAKEN.test(output)) || attempt === ATTEMPTS) {
      const lines = output.trimEnd().split("\n").slice(-LOG_LINES);
      throw new Error(`${entry} did not start:\n${lines.join("\n")}`);
    }
    if (isFormerNode) {
      await sleep(FORMER_NODE_MS);
    }
  }
}

/**
 * Returns the usual ports that an application could not use, because another process does.
 *
 * @param {Pick<Application, "mqttPort" | "port">} application
 */
export async function portsOfOthers({ mqttPort, port }) {
  const usual = [
    ...(port === HTTP_PORT ? [] : [COMMAND_PORT, COMMAND_PORT + 1, HTTP_PORT]),
    ...(mqttPort === MQTT_PORT ? [] : [MQTT_PORT]),
  ];
  const free = await Promise.all(usual.map((each) => isFree(each)));

  return usual.filter((_, position) => !free[position]);
}

/**
 * @param {Launch} launch
 * @param {number} offset of its ports from the usual ones
 * @returns {Promise<Application | undefined>} undefined when it did not start: its log tells why
 */
async function tryStart(
  {
    cwd = root,
    entry,
    env = {},
    execArgv = ["--import", "tsx"],
    log,
    services,
    within = [],
  },
  offset,
) {
  const shared = within.length === 0;
  // Three ports in a row, like the usual ones. Two Kuzzles can share an HTTP port without an error, and
  // its clients with it. They cannot share cluster ports, on which Kuzzle listens long before.
  const commandPort = shared
    ? await freePort(COMMAND_PORT + 3 * offset, undefined, 3)
    : COMMAND_PORT;
  const port = commandPort + HTTP_PORT - COMMAND_PORT;
  const mqttPort = shared ? await freePort(MQTT_PORT + offset) : MQTT_PORT;
  await mkdir(dirname(log), { recursive: true });
  const output = openSync(log, "w");
  const [execPath, ...args] = [...within, process.execPath, ...execArgv];
  const child = fork(entry, {
    cwd,
    // Ctrl-C in the terminal should reach only this process, which then stops the application.
    detached: true,
    env: {
      ...process.env,
      ...kuzzleEnvironment(services),
      ...(shared
        ? clusterEnvironment(commandPort)
        : { kuzzle_cluster__ip: "" }),
      kuzzle_plugins__common__initTimeout: String(PLUGIN_TIMEOUT_MS),
      kuzzle_server__port: String(port),
      kuzzle_server__protocols__mqtt__enabled: "true",
      kuzzle_server__protocols__mqtt__server__port: String(mqttPort),
      ...env,
    },
    execArgv: args,
    execPath: String(execPath),
    stdio: ["ignore", output, output, "ipc"],
  });
  closeSync(output);

  const ended = once(child, "exit");
  const deadline = new AbortController();
  const ready = await Promise.race([
    once(child, "message"),
    ended.then(() => undefined),
    sleep(START_TIMEOUT_MS, undefined, { signal: deadline.signal }),
  ]);
  deadline.abort();
  if (ready === undefined) {
    child.kill("SIGKILL");
    await ended;
    endGroupOf(child);
    return undefined;
  }

  return {
    mqttPort,
    port,
    process: child,
    stop: async () => {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

/**
 * Ends what a process that failed to start has left in its group. The process that renews a node's
 * entry in Redis may outlive a node that ends while it starts, and would renew the entry for good.
 *
 * @param {import("node:child_process").ChildProcess} child
 */
function endGroupOf({ pid }) {
  try {
    process.kill(-Number(pid), "SIGKILL");
  } catch {
    // There is none left.
  }
}

/**
 * Returns Kuzzle's environment variables for the addresses of its services.
 *
 * @param {Pick<import("./services/index.mjs").Services, "elasticsearchUrl" | "elasticsearchVersion" |
 * "redisUrl">} services
 * @returns {Record<string, string>}
 */
export function kuzzleEnvironment({
  elasticsearchUrl,
  elasticsearchVersion,
  redisUrl,
}) {
  const { hostname, password, port, username } = new URL(redisUrl);
  const redis = {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port || "6379",
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
  };
  const redisEnvironment = ["internalCache", "memoryStorage"].flatMap(
    (service) =>
      Object.entries(redis).map(([key, value]) => [
        `kuzzle_services__${service}__node__${key}`,
        value,
      ]),
  );

  return {
    ...Object.fromEntries(redisEnvironment),
    kuzzle_services__storageEngine__client__node: elasticsearchUrl,
    kuzzle_services__storageEngine__majorVersion: String(
      elasticsearchVersion.split(".")[0],
    ),
  };
}

/**
 * Even a single Kuzzle node needs its cluster module for realtime, and the module needs an address. By
 * default this is a private IPv4 address, which not every machine has.
 *
 * @param {number} commandPort the port of synchronization follows it
 * @returns {Record<string, string>}
 * @throws {Unmet} if the machine has no address other than its loopback
 */
function clusterEnvironment(commandPort) {
  const addresses = Object.values(networkInterfaces())
    .flat()
    .filter((each) => each !== undefined && !each.internal);
  const hasIpv4 = addresses.some((each) => each?.family === "IPv4");
  if (addresses.length === 0) {
    throw new Unmet(
      "This machine has no network address but its loopback, and Kuzzle's cluster module needs one.",
      "Connect to a network, or add an address: ip link add dummy0 type dummy && ip addr add 10.77.1.1/24 dev dummy0 && ip link set dummy0 up",
    );
  }

  return {
    kuzzle_cluster__ip: "",
    kuzzle_cluster__ipv6: String(!hasIpv4),
    kuzzle_cluster__ports__command: String(commandPort),
    kuzzle_cluster__ports__sync: String(commandPort + 1),
  };
}
