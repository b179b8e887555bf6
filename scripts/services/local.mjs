import { randomUUID } from "node:crypto";
import { chmod, copyFile, readdir, readFile } from "node:fs/promises";
import { arch, platform } from "node:os";

import { command } from "../command.mjs";
import { Unmet } from "../fail.mjs";
import { root, servicesFolder } from "../paths.mjs";
import { freePort } from "../ports.mjs";
import { step } from "../step.mjs";
import { findJava } from "./java.mjs";

/**
 * In the JVM's syntax. With 1g, sixty answers of 5 MB at once are sometimes refused. The benchmark sets
 * it higher, for a million documents.
 */
const HEAP = process.env["ELASTICSEARCH_HEAP"] ?? "2g";
/** Elasticsearch 7.10 runs on these. */
export const JAVA = { highest: 17, lowest: 11 };
const pom = `${root}scripts/services/pom.xml`;
/** What Maven downloads. */
const binaries = `${servicesFolder}/local`;
/** A copy of the pom beside the files, written when all of them are there. */
const broughtPom = `${binaries}/pom.xml`;

/**
 * Makes a plan to run the services as processes of this machine, without Docker or root.
 *
 * @param {import("./index.mjs").Wanted} wanted
 * @param {string} folder for their data
 * @returns {Promise<import("./startPlan.mjs").Plan>}
 */
export async function planLocal({ elasticsearch, redis }, folder) {
  if (!(await binariesAreThere())) {
    const goals = ["dependency:copy-dependencies", "dependency:unpack"];
    await step("Downloading Elasticsearch and Redis", () =>
      command("mvn", ["--batch-mode", "--file", pom, ...goals]),
    );
    await copyFile(pom, broughtPom);
  }
  /** @type {import("./startPlan.mjs").Plan} */
  const plan = { services: [], title: "" };

  if (elasticsearch) {
    // Its test runner takes no port above 9299.
    const port = await freePort(9201, 9299);
    plan.elasticsearchUrl = `http://127.0.0.1:${port}`;
    plan.title = "Elasticsearch 7.10.2";
    plan.services.push(await elasticsearchOn(port, folder));
  }
  if (redis) {
    const port = await freePort();
    plan.redisUrl = `redis://127.0.0.1:${port}`;
    plan.title += elasticsearch ? " and Redis" : "Redis";
    plan.services.push({
      args: [
        ...`--bind 127.0.0.1 --port ${port} --save`.split(" "),
        ...["", "--dir", folder],
      ],
      file: await bundledRedis(),
      name: "redis",
      // Redis replaces the rest of its command line, and leftovers are found by the folder.
      argv0: `${folder}/redis`,
    });
  }

  return plan;
}

/**
 * @param {number} port
 * @param {string} folder
 */
async function elasticsearchOn(port, folder) {
  const { java = "", missing } = await findJava(JAVA);
  if (!java) {
    throw new Unmet(`Elasticsearch 7.10 needs ${missing}.`, "Install one.");
  }

  return {
    args: [
      `-Xms${HEAP}`,
      `-Xmx${HEAP}`,
      // They are in a file outside of the folder.
      "-XX:-UsePerfData",
      "-classpath",
      `${binaries}/*`,
      "org.codelibs.elasticsearch.runner.ElasticsearchClusterRunner",
      "-basePath",
      `${folder}/elasticsearch`,
      // Those of the same name find each other.
      "-clusterName",
      `document-update-${randomUUID()}`,
      "-numOfNode",
      "1",
      // The runner gives its first node the next port.
      "-baseHttpPort",
      String(port - 1),
    ],
    file: java,
    name: "elasticsearch",
  };
}

/** Tells whether the files of the current pom have been downloaded. */
export async function binariesAreThere() {
  const brought = await readFile(broughtPom, "utf8").catch(() => "");

  return brought === (await readFile(pom, "utf8"));
}

/** Returns the path of the downloaded Redis for this platform. */
async function bundledRedis() {
  const wanted = `${platform()}-${arch() === "x64" ? "amd64" : arch()}`;
  const names = await readdir(binaries);
  const path = `${binaries}/${names.find((name) => name.endsWith(wanted))}`;
  await chmod(path, 0o755);

  return path;
}
