import { readdir } from "node:fs/promises";

import { command } from "../command.mjs";

/** Finds a Java for Elasticsearch 7.10. */
export function javaFor7() {
  return findJava({ highest: 17, lowest: 11 }, (others) => ({
    toString: () =>
      `a JDK 11 to 17, which Elasticsearch runs on where no Docker engine answers${others.length > 0 ? `; found ${others.join(", ")}` : ""}`,
  }));
}

/**
 * Looks for a Java in JAVA_HOME, in the PATH and in the usual folders of Debian and Homebrew.
 *
 * @param {{ highest: number, lowest: number }} range acceptable major versions
 * @param {(others: readonly string[]) => unknown} refusal makes the error, given what was found
 * @returns {Promise<string>} its command
 */
export async function findJava({ highest, lowest }, refusal) {
  const { JAVA_HOME, JVM_FOLDER = "/usr/lib/jvm" } = process.env;
  const installed = await readdir(JVM_FOLDER).catch(() => []);
  const candidates = [
    ...(JAVA_HOME ? [`${JAVA_HOME}/bin/java`] : []),
    "java",
    ...installed.sort().map((name) => `${JVM_FOLDER}/${name}/bin/java`),
    "/opt/homebrew/opt/openjdk@17/bin/java",
    "/usr/local/opt/openjdk@17/bin/java",
  ];
  const others = [];

  for (const java of candidates) {
    const output = await command(java, ["-version"]).catch(() => "");
    const version = Number(/version "(?:1\.)?(\d+)/.exec(output)?.[1]);
    if (version >= lowest && version <= highest) {
      return java;
    }
    if (version) {
      others.push(`${java} (Java ${version})`);
    }
  }

  throw refusal(others);
}
