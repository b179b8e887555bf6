import { randomUUID } from "node:crypto";
import { chmod, copyFile, readdir, readFile } from "node:fs/promises";
import { arch, platform } from "node:os";

import { command, succeeds } from "../command.mjs";
import { Unmet } from "../fail.mjs";
import { root, servicesFolder } from "../paths.mjs";
import { freePort } from "../ports.mjs";
import { step } from "../step.mjs";
import { javaFor7 } from "./java.mjs";

/**
 * In the JVM's syntax. With 1g, sixty answers of 5 MB at once are sometimes refused. The benchmark sets
 * it higher, for a million documents.
 */
const HEAP = process.env["ELASTICSEARCH_HEAP"] ?? "2g";
const pom = `${root}scripts/services/pom.xml`;
/** What Maven downloads. */
const binaries = `${servicesFolder}/local`;
/** A copy of the pom beside the files, written when all of them are there. */
const broughtPom = `${binaries}/pom.xml`;

/**
 * Makes a plan to run the services as processes of this machine, without Docker or root.
 *
 * @param {import("./index.mjs").Wanted} wanted
 * @returns {Promise<import("./startPlan.mjs").Plan>}
 */
export async function planLocal({ elasticsearch, redis }) {
  const ownRedis = redis && (await hasRedis());
  if ((elasticsearch || (redis && !ownRedis)) && !(await binariesAreThere())) {
    await step("Downloading Elasticsearch and Redis", () =>
      command("mvn", ["--batch-mode", "--file", pom, "generate-resources"]),
    );
    await copyFile(pom, broughtPom);
  }
  /** @type {import("./startPlan.mjs").Plan} */
  const plan = { processes: [], timeout: 120_000, title: "" };

  if (elasticsearch) {
    // Its test runner takes no port above 9299.
    const port = await freePort(9201, 9299);
    plan.elasticsearchUrl = `http://127.0.0.1:${port}`;
    plan.title = "Elasticsearch 7.10.2";
    plan.processes.push(elasticsearchOn(port, await javaFor7()));
  }
  if (redis) {
    const port = await freePort();
    plan.redisUrl = `redis://127.0.0.1:${port}`;
    plan.title += elasticsearch ? " and Redis" : "Redis";
    plan.processes.push({
      args: `--bind 127.0.0.1 --dir {folder} --port ${port} --save`.split(" "),
      // Redis replaces the rest of its command line, and leftovers are found by the folder.
      argv0: "{folder}/redis",
      file: ownRedis ? "redis-server" : await bundledRedis(),
      name: "redis",
    });
  }

  return plan;
}

/**
 * @param {number} port
 * @param {string} file
 */
function elasticsearchOn(port, file) {
  return {
    args: [
      `-Xms${HEAP}`,
      `-Xmx${HEAP}`,
      // They are in a file outside of the folder.
      "-XX:-UsePerfData",
      "-classpath",
      `${binaries}/elasticsearch/*`,
      "org.codelibs.elasticsearch.runner.ElasticsearchClusterRunner",
      "-basePath",
      "{folder}/elasticsearch",
      // Those of the same name find each other.
      "-clusterName",
      `document-update-${randomUUID()}`,
      "-numOfNode",
      "1",
      // The runner gives its first node the next port.
      "-baseHttpPort",
      String(port - 1),
    ],
    file,
    name: "elasticsearch",
  };
}

/** Tells whether the files of the current pom have been downloaded. */
export async function binariesAreThere() {
  const [wanted, brought] = await Promise.all(
    [pom, broughtPom].map((path) => readFile(path, "utf8").catch(() => "")),
  );

  return brought === wanted;
}

export function hasRedis() {
  return succeeds("redis-server", ["--version"]);
}

/** Returns the path of the downloaded Redis for this platform. */
async function bundledRedis() {
  const wanted = `${platform()}-${arch() === "x64" ? "amd64" : arch()}`;
  const names = await readdir(`${binaries}/redis`);
  const name = names.find((each) => each.endsWith(wanted));
  if (name === undefined) {
    throw new Unmet(
      `There is no Redis for ${wanted}.`,
      "Install redis-server.",
    );
  }
  await chmod(`${binaries}/redis/${name}`, 0o755);

  return `${binaries}/redis/${name}`;
}
