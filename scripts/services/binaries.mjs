import { chmod, copyFile, readdir, readFile } from "node:fs/promises";
import { arch, platform } from "node:os";

import { command } from "../command.mjs";
import { Unmet } from "../fail.mjs";
import { root, servicesFolder } from "../paths.mjs";
import { step } from "../step.mjs";

const pom = `${root}scripts/services/pom.xml`;

/** Folder of the files that Maven downloads. */
export const binaries = `${servicesFolder}/local`;

/** A copy of the pom beside the files, written when all of them are there. */
const broughtPom = `${binaries}/pom.xml`;

/** Number of artifacts that Maven downloads, to show progress. */
const ARTIFACTS = 84;

/** Tells whether the files of the current pom have been downloaded. */
export async function binariesAreThere() {
  const [wanted, brought] = await Promise.all([
    readFile(pom, "utf8"),
    readFile(broughtPom, "utf8").catch(() => undefined),
  ]);

  return brought === wanted;
}

/** Has Maven download the jars and the Redis binaries. */
export async function bringBinaries() {
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
    await copyFile(pom, broughtPom);
  });
}

/** @returns {Promise<string>} path of the downloaded Redis binary for this platform */
export async function bundledRedis() {
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
