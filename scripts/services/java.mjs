import { readdir } from "node:fs/promises";

import { command } from "../command.mjs";

/**
 * Looks for a Java in JAVA_HOME, in the PATH and in the usual folders.
 *
 * @param {{ highest: number, lowest: number }} range acceptable major versions
 * @param {(others: readonly string[]) => Error} refusal makes the error, given the versions that were
 * found
 * @returns {Promise<string>} path of its command
 * @throws {Error} if none is acceptable
 */
export async function findJava({ highest, lowest }, refusal) {
  const candidates = [
    ...(process.env["JAVA_HOME"]
      ? [`${process.env["JAVA_HOME"]}/bin/java`]
      : []),
    "java",
    ...(await installedJavas()),
  ];
  const others = [];

  for (const candidate of candidates) {
    const version = await javaVersion(candidate);
    if (version !== undefined && version >= lowest && version <= highest) {
      return candidate;
    }
    if (version !== undefined) {
      others.push(`${candidate} (Java ${version})`);
    }
  }

  throw refusal(others);
}

/**
 * @param {string} java path of its command
 * @returns {Promise<string>} the folder that it is installed in
 */
export async function javaHome(java) {
  let home = "";
  await command(java, ["-XshowSettings:properties", "-version"], {
    onLine: (line) => {
      home = /^\s*java\.home = (.+)$/.exec(line)?.[1] ?? home;
    },
  });

  return home;
}

/** @returns {Promise<string[]>} the usual folders of Debian-like systems and of Homebrew */
async function installedJavas() {
  const folder = process.env["JVM_FOLDER"] || "/usr/lib/jvm";
  const names = await readdir(folder).catch(() => []);

  return [
    ...names.sort().map((name) => `${folder}/${name}/bin/java`),
    "/opt/homebrew/opt/openjdk@17/bin/java",
    "/usr/local/opt/openjdk@17/bin/java",
  ];
}

/**
 * @param {string} java
 * @returns {Promise<number | undefined>} its major version
 */
async function javaVersion(java) {
  try {
    const output = await command(java, ["-version"]);
    const version = /version "(?:1\.)?(\d+)/.exec(output)?.[1];
    return version === undefined ? undefined : Number(version);
  } catch {
    return undefined;
  }
}
