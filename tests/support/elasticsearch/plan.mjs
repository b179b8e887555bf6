import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

import { Unmet } from "../../../scripts/fail.mjs";
import { freePort } from "../../../scripts/ports.mjs";
import { command } from "../../../scripts/command.mjs";
import { findJava } from "../../../scripts/services/java.mjs";
import { downloadElasticsearch } from "./download.mjs";

/** @typedef {import("../../../scripts/services/startPlan.mjs").Service} Service */

/** Elasticsearch 7.17 and 8 run on these. */
const JAVA = { highest: 21, lowest: 17 };
/** Nobody, on most systems. Elasticsearch refuses to run as root. */
const NOBODY = 65534;

/**
 * Plans to run one version of the real Elasticsearch.
 *
 * @param {string} version
 * @returns {Promise<import("../../../scripts/services/startPlan.mjs").Plan>}
 * @throws {Unmet} when the machine lacks a JDK or Maven
 */
export async function planElasticsearch(version) {
  const { java, missing } = await findJava(JAVA);
  if (!java) {
    throw new Unmet(
      `Elasticsearch ${version} needs ${missing}.`,
      "Install a JDK 17 (Debian: apt-get install openjdk-17-jdk-headless; macOS: brew install openjdk@17).",
    );
  }
  const distribution = await downloadElasticsearch(version);
  const clusterName = `document-update-${randomUUID().slice(0, 8)}`;
  const port = await portNear(9400);
  const proxyPort = await portNear(9600);
  const lacksRoot = Number(version.split(".")[0]) >= 8;

  return {
    elasticsearchUrl: `http://127.0.0.1:${lacksRoot ? proxyPort : port}`,
    services: [
      elasticsearchProcess(distribution, await javaHome(java), {
        "cluster.name": clusterName,
        "discovery.type": "single-node",
        "http.port": port,
        "transport.port": await portNear(9500),
        "xpack.security.enabled": false,
      }),
      ...(lacksRoot ? [proxyProcess(proxyPort, port, version)] : []),
    ],
    title: `Elasticsearch ${version}`,
  };
}

/**
 * @param {string} distribution
 * @param {string} javaFolder
 * @param {Record<string, boolean | number | string>} settings
 * @returns {Service}
 */
function elasticsearchProcess(distribution, javaFolder, settings) {
  // The checkout may be where another user has no access.
  const home = `${tmpdir()}/elasticsearch-${randomUUID()}`;
  const isRoot = process.getuid?.() === 0;
  const copy = 'cp -R "$0" "$1" && mkdir "$1/tmp"';
  const handOver = `chown -R ${NOBODY}:${NOBODY} "$1"`;

  return {
    args: Object.entries(settings).map(([key, value]) => `-E${key}=${value}`),
    cleanup: { args: ["-rf", home], file: "rm" },
    env: {
      ES_JAVA_HOME: javaFolder,
      ES_JAVA_OPTS: "-Xms1g -Xmx1g",
      ES_TMPDIR: `${home}/tmp`,
    },
    file: `${home}/bin/elasticsearch`,
    name: "elasticsearch",
    prepare: {
      args: [
        "-c",
        isRoot ? `${copy} && ${handOver}` : copy,
        distribution,
        home,
      ],
      file: "sh",
    },
    ...(isRoot && { gid: NOBODY, uid: NOBODY }),
  };
}

/**
 * @param {number} port
 * @param {number} target port of Elasticsearch
 * @param {string} version
 * @returns {Service}
 */
function proxyProcess(port, target, version) {
  const entry = fileURLToPath(new URL("rootProxy.mjs", import.meta.url));

  return {
    args: [entry, String(port), String(target), version],
    file: process.execPath,
    name: "proxy",
  };
}

/**
 * Two that start at once should not look at the same ports.
 *
 * @param {number} first
 */
function portNear(first) {
  return freePort(first + Math.floor(Math.random() * 60), first + 99);
}

/** Returns the folder in which a Java is installed. @param {string} java its command */
async function javaHome(java) {
  const args = ["-XshowSettings:properties", "-version"];
  const output = await command(java, args);

  return String(/^\s*java\.home = (.+)$/m.exec(output)?.[1]);
}
