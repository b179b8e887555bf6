import { randomUUID } from "node:crypto";

import { succeeds } from "../command.mjs";
import { freePort } from "../ports.mjs";
import { requireNothing } from "../requireNothing.mjs";
import {
  binaries,
  binariesAreThere,
  bringBinaries,
  bundledRedis,
} from "./binaries.mjs";
import { findJava } from "./java.mjs";

/**
 * @typedef {import("./keep.mjs").Plan} Plan
 * @typedef {import("./index.mjs").Wanted} Wanted
 * @typedef {import("../requireNothing.mjs").Missing} Missing
 */

/** Alternatives, if these services cannot be started. */
const instead =
  "Or start Docker, or name running services in ELASTICSEARCH_URL and REDIS_URL.";

/**
 * Heap of Elasticsearch, in the JVM's syntax. With 1g, sixty answers of 5 MB at once are sometimes
 * refused. The benchmark sets it higher, for a million documents.
 */
const HEAP = process.env["ELASTICSEARCH_HEAP"] ?? "2g";

/**
 * First and last port to try. Those of Elasticsearch's test runner end with 9299.
 *
 * @typedef {Readonly<Record<"elasticsearch" | "redis", readonly [number, number]>>} Ports
 * @type {Ports}
 */
const PORTS = { elasticsearch: [9201, 9260], redis: [6379, 6499] };
/**
 * Ports for services that will be stopped and started again: no other run takes them meanwhile.
 *
 * @type {Ports}
 */
const RESTARTED_PORTS = { elasticsearch: [9261, 9299], redis: [6500, 6599] };

/** Java versions that Elasticsearch 7.10 runs on. */
const JAVA = { highest: 17, lowest: 11 };

/**
 * Makes a plan to run the services as processes of this machine, without Docker or root.
 *
 * @param {Wanted} wanted
 * @param {{ restarts?: boolean }} [options] restarts: whether they will be stopped and started again
 * @returns {Promise<Plan>}
 * @throws {Unmet} if the machine lacks a JDK or Maven
 */
export async function planLocal(
  { elasticsearch, redis },
  { restarts = false } = {},
) {
  requireNothing(await missingForLocal({ elasticsearch, redis }));
  const installedRedis = redis && (await hasRedis());
  const java = elasticsearch ? await findJava(JAVA, noJava) : "";
  const needsBinaries = elasticsearch || (redis && !installedRedis);
  if (needsBinaries && !(await binariesAreThere())) {
    await bringBinaries();
  }

  const ports = restarts ? RESTARTED_PORTS : PORTS;
  const elasticsearchPort = elasticsearch
    ? await portOf(ports.elasticsearch)
    : 0;
  const clusterName = `document-update-${randomUUID().slice(0, 8)}`;
  const redisPort = redis ? await portOf(ports.redis) : 0;

  return {
    ...(elasticsearch && { clusterName }),
    elasticsearchUrl: elasticsearch
      ? `http://127.0.0.1:${elasticsearchPort}`
      : undefined,
    processes: [
      ...(elasticsearch
        ? [elasticsearchProcess(java, elasticsearchPort, clusterName)]
        : []),
      ...(redis
        ? [
            redisProcess(
              installedRedis ? "redis-server" : await bundledRedis(),
              redisPort,
            ),
          ]
        : []),
    ],
    redisUrl: redis ? `redis://127.0.0.1:${redisPort}` : undefined,
    timeout: 120_000,
    title: [
      ...(elasticsearch ? ["Elasticsearch 7.10.2"] : []),
      ...(redis ? ["Redis"] : []),
    ].join(" and "),
  };
}

/**
 * Chooses a random port to begin with, so that two runs that start together try different ones.
 *
 * @param {readonly [number, number]} ports the first and the last
 */
function portOf([first, last]) {
  const half = (last - first) / 2;

  return freePort(first + Math.floor(Math.random() * half), last);
}

/**
 * @param {string} java
 * @param {number} port
 * @param {string} clusterName
 * @returns {import("./keep.mjs").Process}
 */
function elasticsearchProcess(java, port, clusterName) {
  return {
    args: [
      `-Xms${HEAP}`,
      `-Xmx${HEAP}`,
      "-classpath",
      `${binaries}/elasticsearch/*`,
      "org.codelibs.elasticsearch.runner.ElasticsearchClusterRunner",
      "-basePath",
      "{folder}/elasticsearch",
      "-clusterName",
      clusterName,
      "-numOfNode",
      "1",
      // The runner gives its first node the next port, at most 9299.
      "-baseHttpPort",
      String(port - 1),
    ],
    file: java,
    mark: "{folder}/elasticsearch",
    name: "elasticsearch",
  };
}

/**
 * @param {string} file
 * @param {number} port
 * @returns {import("./keep.mjs").Process}
 */
function redisProcess(file, port) {
  return {
    args: [
      "--port",
      String(port),
      "--bind",
      "127.0.0.1",
      "--save",
      "",
      "--dir",
      "{folder}",
    ],
    file,
    // Redis changes its own command line.
    mark: `127.0.0.1:${port}`,
    name: "redis",
  };
}

/**
 * Returns what this machine lacks to run the services as local processes.
 *
 * @param {Wanted} wanted
 * @returns {Promise<Missing[]>}
 */
export async function missingForLocal({ elasticsearch, redis }) {
  const needsBinaries = elasticsearch || (redis && !(await hasRedis()));

  return [
    ...(elasticsearch ? await missingJava() : []),
    ...(needsBinaries && !(await binariesAreThere())
      ? await missingMaven()
      : []),
  ];
}

function hasRedis() {
  return succeeds("redis-server", ["--version"]);
}

/** @returns {Promise<Missing[]>} */
async function missingJava() {
  try {
    await findJava(JAVA, noJava);
    return [];
  } catch (error) {
    return [
      {
        debian: "openjdk-17-jdk-headless",
        instead,
        macos: "openjdk@17",
        what: /** @type {Error} */ (error).message,
      },
    ];
  }
}

/** @returns {Promise<Missing[]>} */
async function missingMaven() {
  return (await succeeds("mvn", ["--version"]))
    ? []
    : [
        {
          debian: "maven",
          instead,
          macos: "maven",
          what: "Maven: it brings Elasticsearch and Redis where no Docker engine answers",
        },
      ];
}

/**
 * @param {readonly string[]} others Javas of other versions
 * @returns {Error}
 */
function noJava(others) {
  return new Error(
    `a JDK ${JAVA.lowest} to ${JAVA.highest}, which Elasticsearch runs on where no Docker engine answers${others.length > 0 ? `; found ${others.join(", ")}` : ""}`,
  );
}
