import { readdir } from "node:fs/promises";

import { command } from "../command.mjs";

/**
 * Looks for a Java in JAVA_HOME, in the PATH and in the usual folders of Debian and Homebrew.
 *
 * @param {{ highest: number, lowest: number }} range acceptable major versions
 * @returns {Promise<{ java?: string, missing: string }>} its command, or what is missing in words
 */
export async function findJava({ highest, lowest }) {
  const { JAVA_HOME, JVM_FOLDER = "/usr/lib/jvm" } = process.env;
  const installed = await readdir(JVM_FOLDER).catch(() => []);
  const candidates = [
    ...(JAVA_HOME ? [`${JAVA_HOME}/bin/java`] : []),
    "java",
    ...installed.sort().map((name) => `${JVM_FOLDER}/${name}/bin/java`),
    "/opt/homebrew/opt/openjdk@17/bin/java",
    "/usr/local/opt/openjdk@17/bin/java",
  ];
  let missing = `a JDK ${lowest} to ${highest}`;

  for (const java of candidates) {
    const output = await command(java, ["-version"]).catch(() => "");
    const version = Number(/version "(?:1\.)?(\d+)/.exec(output)?.[1]);
    if (version >= lowest && version <= highest) {
      return { java, missing: "" };
    }
    if (version) {
      missing += `; found ${java} (Java ${version})`;
    }
  }

  return { missing };
}
