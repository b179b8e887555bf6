import { access, cp, readFile } from "node:fs/promises";

import { command } from "../../scripts/command.mjs";
import { root } from "../../scripts/paths.mjs";

/**
 * Native modules of Koncorde, which take minutes to compile. A project with another Kuzzle has them in
 * the versions of this repository, where they are compiled; those that are not, it compiles itself.
 */
const SLOW = ["boost-geospatial-index", "re2"];

/**
 * Returns the versions of these modules, for `overrides` in the package.json of such a project.
 *
 * @returns {Promise<Record<string, string>>}
 */
export async function compiledVersions() {
  const versions = (await compiledHere()).map(async (name) => {
    const path = `${root}node_modules/${name}/package.json`;
    return [name, JSON.parse(await readFile(path, "utf8")).version];
  });

  return Object.fromEntries(await Promise.all(versions));
}

/**
 * Has npm install such a project.
 *
 * @param {string} folder
 */
export async function installCompiled(folder) {
  const npm = (/** @type {string} */ args) =>
    command("npm", args.split(" "), { cwd: folder });
  await npm("install --ignore-scripts --engine-strict --no-audit --no-fund");

  const copied = await compiledHere();
  for (const name of copied) {
    const build = `node_modules/${name}/build/Release`;
    await cp(`${root}${build}`, `${folder}/${build}`, {
      // Beside the module, what it was linked from: many megabytes.
      filter: (path) => !path.includes("obj.target"),
      recursive: true,
    });
  }
  const lock = `${folder}/node_modules/.package-lock.json`;
  const { packages } = JSON.parse(await readFile(lock, "utf8"));
  const others = Object.keys(packages)
    .filter((path) => packages[path].hasInstallScript)
    .map((path) => path.replace(/^.*node_modules\//, ""))
    .filter((name) => !copied.includes(name));
  await npm(`rebuild ${[...new Set(others)].join(" ")}`);
}

/** @returns {Promise<string[]>} */
async function compiledHere() {
  const found = SLOW.map((name) =>
    access(`${root}node_modules/${name}/build/Release`).then(
      () => [name],
      () => [],
    ),
  );

  return (await Promise.all(found)).flat();
}
