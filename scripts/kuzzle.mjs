import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

import { root } from "./paths.mjs";
import { freePorts, isFree, startOnFreePorts } from "./ports.mjs";
import { supervise } from "./supervise.mjs";

/** Of HTTP and WebSocket, MQTT, and the cluster, which even a single node has: commands and sync. */
export const USUAL_PORTS = [7512, 1883, 7510, 7511];
const START_TIMEOUT_MS = 120_000;
/** Lines of the log that are shown after a failed start: enough for the failure and its stack. */
const LOG_LINES = 100;

/**
 * @typedef {object} Application a Kuzzle application in a process of its own
 * @property {string} log
 * @property {number} port of HTTP and WebSocket
 * @property {number} mqttPort
 * @property {import("node:child_process").ChildProcess} process
 * @property {() => Promise<void>} stop
 */

/**
 * @typedef {object} Launch
 * @property {string} entry file that starts the application, then sends its parent a message
 * @property {import("./services/index.mjs").Services} services
 * @property {string} [log] file for what it prints; by default one that is deleted when it has ended
 * @property {Record<string, string>} [env] added to its environment
 * @property {string} [cwd] folder that it runs in
 * @property {string[]} [execArgv] arguments of Node.js; by default those that run TypeScript
 * @property {boolean} [usualPorts] whether it takes Kuzzle's usual ports if they are free
 * @property {readonly string[]} [within] command that runs it in a network of its own, on those ports
 */

/**
 * Starts a Kuzzle application and waits until it serves. It stops when `stop` is called, and when
 * this process ends in whatever way.
 *
 * @param {Launch} launch
 * @returns {Promise<Application>}
 */
export function startKuzzle(launch) {
  return startOnFreePorts(() => tryStart(launch));
}

/**
 * @param {Launch} launch
 * @returns {Promise<Application>}
 */
async function tryStart(launch) {
  const { cwd = root, entry, env, services, within = [] } = launch;
  const { execArgv = ["--import", "tsx"] } = launch;
  const [port, mqttPort, commandPort, syncPort] = await portsFor(launch);
  const supervisor = await supervise();
  const { log = `${supervisor.folder}/kuzzle.log` } = launch;
  mkdirSync(dirname(log), { recursive: true });
  const command = [...within, process.execPath, ...execArgv, entry];
  const child = supervisor.start({
    args: command.slice(1),
    cwd,
    env: {
      ...kuzzleEnvironment(services),
      // By default it is a private IPv4 address, which not every machine has.
      kuzzle_cluster__ip: "",
      kuzzle_cluster__ports__command: String(commandPort),
      kuzzle_cluster__ports__sync: String(syncPort),
      // A start that is aborted leaves locks for which plugins wait up to 30 s.
      kuzzle_plugins__common__initTimeout: "60000",
      kuzzle_server__port: String(port),
      kuzzle_server__protocols__mqtt__enabled: "true",
      kuzzle_server__protocols__mqtt__server__port: String(mqttPort),
      // For storage of before Kuzzle 2.14. It fails where another application creates or deletes a
      // collection on the same Elasticsearch at that moment.
      kuzzle_services__storageEngine__generateMissingAliases: "false",
      ...env,
    },
    file: String(command[0]),
    ipc: "ipc",
    log,
  });

  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  const isReady = once(child, "message", { signal }).then(
    () => true,
    () => false,
  );
  const hasEnded = once(child, "exit").then(() => false);
  if (!(await Promise.race([isReady, hasEnded]))) {
    const output = readFileSync(log, "utf8").trimEnd();
    const lines = output.split("\n").slice(-LOG_LINES);
    // The process that renews a node's entry in Redis may outlive a node that ends while it starts.
    await supervisor.stop();
    throw new Error(`${entry} did not start:\n${lines.join("\n")}`);
  }

  return {
    log,
    mqttPort: Number(mqttPort),
    port: Number(port),
    process: child,
    stop: supervisor.stop,
  };
}

/**
 * Two Kuzzles can share an HTTP port without an error, and its clients with it. They cannot share the
 * ports of the cluster, so all are taken together or not at all.
 *
 * @param {Launch} launch
 */
async function portsFor({ usualPorts, within }) {
  const free = await Promise.all(USUAL_PORTS.map(isFree));
  if (within ?? (usualPorts && !free.includes(false))) {
    return USUAL_PORTS;
  }

  return freePorts(USUAL_PORTS.length);
}

/**
 * Kuzzle's environment variables for the addresses of its services.
 *
 * @param {Pick<import("./services/index.mjs").Services, "elasticsearchUrl" | "elasticsearchVersion" |
 * "redisUrl">} services
 * @returns {Record<string, string>}
 */
export function kuzzleEnvironment(services) {
  const { elasticsearchUrl, elasticsearchVersion, redisUrl } = services;
  const { hostname, password, port, username } = new URL(redisUrl);
  const redis = {
    host: hostname.replace(/^\[|\]$/g, ""),
    password: decodeURIComponent(password) || undefined,
    port: Number(port || 6379),
    username: decodeURIComponent(username) || undefined,
  };
  const node = `*json:${JSON.stringify(redis)}`;

  return {
    kuzzle_services__internalCache__node: node,
    kuzzle_services__memoryStorage__node: node,
    kuzzle_services__storageEngine__client__node: elasticsearchUrl,
    kuzzle_services__storageEngine__majorVersion: String(
      Number.parseInt(elasticsearchVersion, 10),
    ),
  };
}
