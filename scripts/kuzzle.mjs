import { fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { root } from "./paths.mjs";
import { freePort, isFree } from "./ports.mjs";
import { supervise } from "./supervise.mjs";

/** Of HTTP and WebSocket, MQTT, and the cluster, which even a single node has: commands and sync. */
export const USUAL_PORTS = [7512, 1883, 7510, 7511];
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 20_000;
/** Lines of the log that are shown after a failed start: enough for the failure and its stack. */
const LOG_LINES = 100;
const ATTEMPTS = 3;
/**
 * Another process may take a free port before Kuzzle listens to it. And Kuzzle leaves an entry in Redis
 * if it ends soon after its start, which expires after 4 s.
 */
const PASSES =
  /unable to listen to port|EADDRINUSE|Address already in use|Another node share the same IP address/;
const PASSES_AFTER_MS = 5_000;

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
 * @property {(stop: () => Promise<void>) => void} [onStart] receives a function that ends it early
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
export async function startKuzzle(launch) {
  for (let attempt = 1; ; attempt++) {
    const application = await tryStart(launch);
    if (application !== undefined) {
      return application;
    }
    const output = readFileSync(launch.log, "utf8");
    if (!PASSES.test(output) || attempt === ATTEMPTS) {
      const lines = output.trimEnd().split("\n").slice(-LOG_LINES);
      throw new Error(`${launch.entry} did not start:\n${lines.join("\n")}`);
    }
    await sleep(PASSES_AFTER_MS);
  }
}

/**
 * @param {Launch} launch
 * @returns {Promise<Application | undefined>} undefined when it did not start: its log tells why
 */
async function tryStart(launch) {
  const { cwd = root, entry, env = {}, log, services, within = [] } = launch;
  const { execArgv = ["--import", "tsx"] } = launch;
  const [port, mqttPort, commandPort, syncPort] = await portsFor(launch);
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, "w");
  const supervisor = await supervise();
  launch.onStart?.(supervisor.stop);
  const [execPath, ...args] = [...within, process.execPath, ...execArgv];
  const child = fork(entry, {
    cwd,
    // Ctrl-C in the terminal should reach only this process, which then stops the application.
    detached: true,
    env: {
      ...process.env,
      ...kuzzleEnvironment(services),
      // By default it is a private IPv4 address, which not every machine has.
      kuzzle_cluster__ip: "",
      kuzzle_cluster__ports__command: commandPort,
      kuzzle_cluster__ports__sync: syncPort,
      // A start that is aborted leaves locks for which plugins wait up to 30 s.
      kuzzle_plugins__common__initTimeout: "60000",
      kuzzle_server__port: port,
      kuzzle_server__protocols__mqtt__enabled: "true",
      kuzzle_server__protocols__mqtt__server__port: mqttPort,
      ...env,
    },
    execArgv: args,
    execPath: String(execPath),
    stdio: ["ignore", output, output, "ipc"],
  });
  closeSync(output);
  supervisor.adopt(child.pid);

  const ended = once(child, "exit");
  const timer = setTimeout(() => child.kill("SIGKILL"), START_TIMEOUT_MS);
  const isReady = once(child, "message").then(() => true);
  const ready = await Promise.race([isReady, ended.then(() => false)]);
  clearTimeout(timer);
  if (!ready) {
    // The process that renews a node's entry in Redis may outlive a node that ends while it starts.
    await supervisor.stop();
    return undefined;
  }

  return {
    mqttPort: Number(mqttPort),
    port: Number(port),
    process: child,
    stop: async () => {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(timer);
      await supervisor.stop();
    },
  };
}

/**
 * Two Kuzzles can share an HTTP port without an error, and its clients with it. They cannot share the
 * ports of the cluster, so the usual ones are taken together or not at all.
 *
 * @param {Launch} launch
 */
async function portsFor({ usualPorts, within }) {
  const free = await Promise.all(USUAL_PORTS.map((port) => isFree(port)));
  const takes = within ?? (usualPorts && !free.includes(false));
  const others = await Promise.all(USUAL_PORTS.map(() => freePort()));

  return (takes ? USUAL_PORTS : others).map(String);
}

/**
 * Returns Kuzzle's environment variables for the addresses of its services.
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
    port: port || "6379",
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
  };
  const redisVariables = ["internalCache", "memoryStorage"].flatMap((service) =>
    Object.entries(redis).map(([key, value]) => [
      `kuzzle_services__${service}__node__${key}`,
      value,
    ]),
  );
  const major = String(Number.parseInt(elasticsearchVersion, 10));

  return {
    ...Object.fromEntries(redisVariables),
    kuzzle_services__storageEngine__client__node: elasticsearchUrl,
    kuzzle_services__storageEngine__majorVersion: major,
  };
}
