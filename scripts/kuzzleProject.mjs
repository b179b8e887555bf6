import { createHash } from "node:crypto";
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";

import { command } from "./command.mjs";
import { root, servicesFolder } from "./paths.mjs";
import { step } from "./step.mjs";

/**
 * @typedef {object} Versions
 * @property {string} kuzzle
 * @property {string} sdk of kuzzle-sdk, as its clients have it
 */

/** Thrown for a Kuzzle that does not run on this Node.js. */
export class NotForThisNode extends Error {}

/**
 * Makes a project that runs the test application on another Kuzzle, with the plugin installed from its
 * tarball. The project is kept, so that npm only installs what has changed.
 *
 * @param {Versions} versions
 * @returns {Promise<string>} its folder
 * @throws {NotForThisNode}
 */
export async function ensureKuzzleProject({ kuzzle, sdk }) {
  // Native modules are compiled for one ABI version of Node.js.
  const folder = `${servicesFolder}/kuzzle-${kuzzle}-node-${process.versions.modules}`;
  await mkdir(folder, { recursive: true });
  await copyApplication(folder);

  const { devDependencies, overrides } = JSON.parse(
    await readFile(`${root}package.json`, "utf8"),
  );
  const { tsx, "uWebSockets.js": uWebSockets } = devDependencies;
  const packageJson = JSON.stringify({
    dependencies: {
      kuzzle,
      "kuzzle-plugin-document-update": `file:${await pack(folder)}`,
      "kuzzle-sdk": sdk,
      tsx,
      // Where Kuzzle's own build of it is out of reach, an application overrides it too.
      ...(uWebSockets && { "uWebSockets.js": uWebSockets }),
    },
    name: "kuzzle-project",
    ...(overrides && { overrides }),
    private: true,
    version: "1.0.0",
  });

  await install(folder, kuzzle, packageJson);

  return folder;
}

/** @param {string} folder */
async function copyApplication(folder) {
  const copy = `${folder}/tests/application`;
  await rm(copy, { force: true, recursive: true });
  await cp(`${root}tests/application`, copy, { recursive: true });
}

/**
 * Packs the plugin into a folder. The file name contains a hash, because npm does not install a tarball
 * again if its name is the same.
 *
 * @param {string} folder
 * @returns {Promise<string>} path relative to the folder
 */
async function pack(folder) {
  const { name, version } = JSON.parse(
    await readFile(`${root}package.json`, "utf8"),
  );
  const packed = `${folder}/packed`;
  await rm(packed, { force: true, recursive: true });
  await mkdir(packed);
  await command(
    "npm",
    ["pack", "--ignore-scripts", "--pack-destination", packed],
    { cwd: root },
  );
  const tarball = `${packed}/${name}-${version}.tgz`;
  const content = await readFile(tarball);
  const hash = createHash("sha256").update(content).digest("hex");
  await rename(tarball, `${packed}/${hash}.tgz`);

  return `packed/${hash}.tgz`;
}

/**
 * @param {string} folder
 * @param {string} kuzzle its version
 * @param {string} packageJson all that the project needs
 * @throws {NotForThisNode}
 */
async function install(folder, kuzzle, packageJson) {
  const installed = `${folder}/installed.json`;
  if ((await readFile(installed, "utf8").catch(() => "")) === packageJson) {
    return;
  }

  await writeFile(`${folder}/package.json`, packageJson);
  try {
    await step(`Installing Kuzzle ${kuzzle}`, () =>
      command(
        "npm",
        ["install", "--engine-strict", "--no-audit", "--no-fund"],
        { cwd: folder },
      ),
    );
  } catch (error) {
    if (String(error).includes("EBADENGINE")) {
      throw new NotForThisNode(
        `Kuzzle ${kuzzle} does not run on Node.js ${process.versions.node}.`,
        { cause: error },
      );
    }
    throw error;
  }
  await writeFile(installed, packageJson);
}
