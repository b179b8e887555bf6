import { cp, readFile } from "node:fs/promises";

import { command } from "./command.mjs";
import { root } from "./paths.mjs";

/**
 * Native modules of Koncorde, which take minutes to compile. A project with another Kuzzle has them in
 * the versions of this repository, where they are compiled.
 */
const SLOW = ["boost-geospatial-index", "re2"];

/**
 * Returns the versions of these modules, for `overrides` in the package.json of such a project.
 *
 * @returns {Promise<Record<string, string>>}
 */
export async function compiledVersions() {
  const versions = SLOW.map(async (name) => {
    const text = await readFile(
      `${root}node_modules/${name}/package.json`,
      "utf8",
    );
    return [name, JSON.parse(text).version];
  });

  return Object.fromEntries(await Promise.all(versions));
}

/**
 * Installs such a project. Only what is not compiled in this repository is compiled.
 *
 * @param {string} folder
 */
export async function installCompiled(folder) {
  const npm = (/** @type {string[]} */ ...args) =>
    command("npm", args, { cwd: folder });
  await npm(
    ...["install", "--ignore-scripts", "--engine-strict"],
    ...["--no-audit", "--no-fund"],
  );
  await Promise.all(
    SLOW.map((name) =>
      cp(
        `${root}node_modules/${name}/build/Release`,
        `${folder}/node_modules/${name}/build/Release`,
        { filter: (path) => !path.includes("obj.target"), recursive: true },
      ),
    ),
  );

  const lock = await readFile(
    `${folder}/node_modules/.package-lock.json`,
    "utf8",
  );
  const { packages } = JSON.parse(lock);
  const compiled = Object.keys(packages)
    .filter((path) => packages[path].hasInstallScript)
    .map((path) => path.replace(/^.*node_modules\//, ""))
    .filter((name) => !SLOW.includes(name));
  await npm("rebuild", ...new Set(compiled));
}
