import { randomUUID } from "node:crypto";
import { access, rename } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { command, succeeds } from "../../../scripts/command.mjs";
import { Unmet } from "../../../scripts/fail.mjs";
import { servicesFolder } from "../../../scripts/paths.mjs";
import { step } from "../../../scripts/step.mjs";

const pom = fileURLToPath(new URL("pom.xml", import.meta.url));

/**
 * Has Maven bring an Elasticsearch, unless it is there already.
 *
 * @param {string} version
 * @returns {Promise<string>} the folder that it is unpacked in
 * @throws {Unmet} when Maven is missing
 */
export async function downloadElasticsearch(version) {
  const folder = `${servicesFolder}/elasticsearch/${version}`;
  const home = `${folder}/elasticsearch-${version}`;
  if (await exists(home)) {
    return home;
  }
  if (!(await succeeds("mvn", ["--version"]))) {
    throw new Unmet(
      `Maven is missing: it brings Elasticsearch ${version}.`,
      "Install Maven (Debian: apt-get install maven; macOS: brew install maven).",
    );
  }

  // Under its own name once all of it is there.
  const partial = `${folder}.${randomUUID()}`;
  await step(`Downloading Elasticsearch ${version}`, () =>
    command("mvn", [
      "--batch-mode",
      "--file",
      pom,
      `-Delasticsearch=${version}`,
      `-Dtarget=${partial}`,
      "generate-resources",
    ]),
  );
  await rename(partial, folder);

  return home;
}

/** @param {string} path */
function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}
