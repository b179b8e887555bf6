import {
  cp,
  mkdir,
  mkdtemp,
  readFile,
  symlink,
  writeFile,
} from "node:fs/promises";
import { resolve } from "node:path";

import { command } from "../../scripts/command.mjs";
import { root, servicesFolder } from "../../scripts/paths.mjs";

/** Holds the packages that the functional tests need, beside the copies that run. */
export const featuresFolder = `${servicesFolder}/features`;

const COPIED = [
  "bin/plugins",
  "cucumber.config.cjs",
  "features",
  "features-legacy",
  "start-kuzzle-test.ts",
];
/** The compiled Kuzzle stands in for the source that the tests import. */
const LINKED = ["index.js", "lib"];
/** What the tests import and Kuzzle itself does not. */
const PACKAGES = [
  "@cucumber/cucumber",
  "async",
  "request-promise",
  "should",
  "yaml",
];

/**
 * Copies Kuzzle's functional tests out of a checkout, which stays as it is, and has them run against
 * the Kuzzle that is installed here: the only one that the plugin, too, imports.
 *
 * @returns the folder of the copy, for the caller to delete
 * @throws when the checkout is of another version
 */
export async function copyFeatures(checkout: string): Promise<string> {
  const { devDependencies, version } = await readPackage(checkout);
  const kuzzle = `${root}node_modules/kuzzle`;
  const installed = (await readPackage(kuzzle)).version;
  if (version !== installed) {
    throw new Error(
      `${checkout} holds Kuzzle ${version}, and ${installed} is installed: check that one out.`,
    );
  }

  await installPackages(devDependencies);
  const copy = await mkdtemp(`${featuresFolder}/run-`);
  for (const name of COPIED) {
    await cp(resolve(checkout, name), `${copy}/${name}`, { recursive: true });
  }
  for (const name of LINKED) {
    await symlink(`${kuzzle}/dist/${name}`, `${copy}/${name}`);
  }

  return copy;
}

/** Installs them in the checkout's versions. What is there already is kept. */
async function installPackages(
  versions: Record<string, string>,
): Promise<void> {
  const dependencies = Object.fromEntries(
    PACKAGES.map((name) => [name, versions[name]]),
  );
  await mkdir(featuresFolder, { recursive: true });
  await writeFile(
    `${featuresFolder}/package.json`,
    JSON.stringify({ dependencies, private: true }),
  );
  await command("npm", ["install", "--no-audit", "--no-fund"], {
    cwd: featuresFolder,
  });
}

interface Package {
  readonly version: string;
  readonly devDependencies: Record<string, string>;
}

async function readPackage(folder: string): Promise<Package> {
  return JSON.parse(await readFile(resolve(folder, "package.json"), "utf8"));
}
