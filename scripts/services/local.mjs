import { randomUUID } from "node:crypto";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { arch, platform } from "node:os";

import { command, succeeds } from "../command.mjs";
import { Unmet } from "../fail.mjs";
import { root, servicesFolder } from "../paths.mjs";
import { freePort } from "../ports.mjs";
import { step } from "../step.mjs";
import { findJava } from "./java.mjs";

/**
 * @typedef {import("./keep.mjs").Plan} Plan
 * @typedef {import("./index.mjs").Wanted} Wanted
 */

const pom = `${root}scripts/services/pom.xml`;
const binaries = `${servicesFolder}/local`;

/** Artifacts that Maven brings, to tell how far it is. */
const ARTIFACTS = 84;

/** Of Elasticsearch, as the JVM writes it. The benchmark has it grow to a million documents. */
const HEAP = process.env["ELASTICSEARCH_HEAP"] ?? "1g";

/** Elasticsearch 7.10 runs on these. */
const JAVA = { highest: 17, lowest: 11 };

/**
 * Plans to run the services as processes of this machine: no Docker, no root.
 *
 * @param {Wanted} wanted
 * @returns {Promise<Plan>}
 * @throws {Unmet} when the machine lacks a JDK or Maven
 */
export async function planLocal({ elasticsearch, redis }) {
  const installedRedis =
    redis && (await succeeds("redis-server", ["--version"]));
  const java = elasticsearch ? await findJava(JAVA, noJava) : "";
  if (elasticsearch || (redis && !installedRedis)) {
    await bringBinaries();
  }

  // Two that start at once should not look at the same ports. The runner takes those up to 9299.
  const elasticsearchPort = elasticsearch
    ? await freePort(9201 + Math.floor(Math.random() * 60), 9299)
    : 0;
  const clusterName = `document-update-${randomUUID().slice(0, 8)}`;
  const redisPort = redis
    ? await freePort(6379 + Math.floor(Math.random() * 60))
    : 0;

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
      // The runner gives its first node the port after this one, at most 9299.
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
    // Redis gives itself another command line.
    mark: `127.0.0.1:${port}`,
    name: "redis",
  };
}

/**
 * @param {readonly string[]} others Javas of other versions
 * @returns {Unmet}
 */
function noJava(others) {
  return new Unmet(
    `Elasticsearch needs a Docker engine, or a JDK ${JAVA.lowest} to ${JAVA.highest} with Maven. Found neither Docker nor such a JDK${others.length > 0 ? `, but ${others.join(", ")}` : ""}.`,
    "Start Docker, install a JDK 17 and Maven (Debian: apt-get install openjdk-17-jdk-headless maven; macOS: brew install openjdk@17 maven), or name a running Elasticsearch in ELASTICSEARCH_URL.",
  );
}

/** Has Maven bring the jars and the Redis binaries, unless they are those of the pom already. */
async function bringBinaries() {
  // A copy of the pom stands beside what it brought, once all of it is there.
  const done = `${binaries}/pom.xml`;
  const [wanted, brought] = await Promise.all([
    readFile(pom, "utf8"),
    readFile(done, "utf8").catch(() => undefined),
  ]);
  if (brought === wanted) {
    return;
  }
  if (!(await succeeds("mvn", ["--version"]))) {
    throw new Unmet(
      "Maven is missing: it brings Elasticsearch and Redis where there is no Docker.",
      "Install Maven (Debian: apt-get install maven; macOS: brew install maven), start Docker, or set ELASTICSEARCH_URL and REDIS_URL.",
    );
  }

  await step("Downloading Elasticsearch and Redis", async (progress) => {
    let downloaded = 0;
    const onLine = (/** @type {string} */ line) => {
      if (/Downloaded from .*\.jar/.test(line)) {
        progress(`${++downloaded} of about ${ARTIFACTS} files`);
      }
    };
    await command(
      "mvn",
      ["--batch-mode", "--file", pom, "generate-resources"],
      { onLine },
    );
    await writeFile(done, wanted);
  });
}

/** @returns {Promise<string>} path of the Redis for this platform that Maven brought */
async function bundledRedis() {
  const wanted = `${platform()}-${arch() === "x64" ? "amd64" : arch()}`;
  const names = await readdir(`${binaries}/redis`);
  const name = names.find((each) => each.endsWith(wanted));
  if (name === undefined) {
    throw new Unmet(
      `There is no Redis for ${wanted}.`,
      "Install redis-server, or name a running Redis in REDIS_URL.",
    );
  }
  const path = `${binaries}/redis/${name}`;
  await chmod(path, 0o755);

  return path;
}
