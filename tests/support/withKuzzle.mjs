// Runs a command with KUZZLE_PROJECT set to the folder of a project with the lowest supported versions
// of Kuzzle and kuzzle-sdk, or with the Kuzzle version that KUZZLE_VERSION names, and with the plugin.
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";

import { build } from "../../scripts/dependencies.mjs";
import { run } from "../../scripts/fail.mjs";
import { root, servicesFolder } from "../../scripts/paths.mjs";
import { compiledVersions, installCompiled } from "./compiledModules.mjs";
import { report } from "./reporter.mjs";
import { runCommand } from "../../scripts/runCommand.mjs";
import { step } from "../../scripts/step.mjs";

const PLUGIN = "kuzzle-plugin-document-update";

await run(async () => {
  const { kuzzleVersion } = await readJson("manifest.json");
  const kuzzle = process.env["KUZZLE_VERSION"] || lowestOf(kuzzleVersion);
  try {
    const KUZZLE_PROJECT = await ensureProject(kuzzle);
    return await runCommand(process.argv.slice(2), {
      KUZZLE_PROJECT,
      // Nodes find each other in Redis, and two versions cannot form a cluster.
      REDIS_URL: "",
    });
  } catch (error) {
    if (!String(error).includes("EBADENGINE")) {
      throw error;
    }
    const reason = `Kuzzle ${kuzzle} does not run on Node.js ${process.versions.node}`;
    console.log(reason);
    report({ failed: [], passed: 0, skipped: [reason] });
    return 0;
  }
});

/**
 * Makes a project that runs the test application on another Kuzzle. It is kept, so that npm installs
 * only what has changed.
 *
 * @param {string} kuzzle its version
 * @returns {Promise<string>} its folder
 */
async function ensureProject(kuzzle) {
  // Native modules are compiled for one ABI version of Node.js.
  const folder = `${servicesFolder}/kuzzle-${kuzzle}-node-${process.versions.modules}`;
  const { devDependencies, overrides, peerDependencies } =
    await readJson("package.json");
  const { tsx, "uWebSockets.js": uWebSockets } = devDependencies;
  const packageJson = JSON.stringify({
    dependencies: {
      kuzzle,
      "kuzzle-sdk": lowestOf(peerDependencies["kuzzle-sdk"]),
      tsx,
      // Where Kuzzle's own build of it is out of reach, an application overrides it too.
      ...(uWebSockets && { "uWebSockets.js": uWebSockets }),
    },
    overrides: { ...overrides, ...(await compiledVersions()) },
    private: true,
    // Kuzzle tells it in its OpenAPI definition.
    version: "1.0.0",
  });
  const installed = `${folder}/installed.json`;
  await mkdir(folder, { recursive: true });
  if ((await readFile(installed, "utf8").catch(() => "")) !== packageJson) {
    await writeFile(`${folder}/package.json`, packageJson);
    await step(`Installing Kuzzle ${kuzzle}`, () => installCompiled(folder));
    await writeFile(installed, packageJson);
  }

  await build();
  await copy("tests/application", `${folder}/tests/application`);
  // That npm packs and installs it rightly is shown by the tests of the package.
  for (const name of ["dist", "manifest.json", "package.json"]) {
    await copy(name, `${folder}/node_modules/${PLUGIN}/${name}`);
  }

  return folder;
}

/**
 * @param {string} path in this repository
 * @param {string} target
 */
async function copy(path, target) {
  await rm(target, { force: true, recursive: true });
  await cp(`${root}${path}`, target, { recursive: true });
}

/** Returns the lowest version of a range such as ">=2.38.1 <3". @param {string} range */
function lowestOf(range) {
  return String(/^>=(\S+) /.exec(range)?.[1]);
}

/** @param {string} name of a file at the top of this repository */
async function readJson(name) {
  return JSON.parse(await readFile(`${root}${name}`, "utf8"));
}
