import { statSync } from "node:fs";

import { command } from "./command.mjs";
import { Unmet } from "./fail.mjs";
import { root } from "./paths.mjs";
import { step } from "./step.mjs";

/** Tells whether the npm dependencies of package-lock.json are installed. */
export function dependenciesAreInstalled() {
  const changed = (/** @type {string} */ path) =>
    statSync(`${root}${path}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;

  return (
    changed("node_modules/.package-lock.json") >= changed("package-lock.json")
  );
}

/** Installs the npm dependencies if they are not installed. */
export async function ensureDependencies() {
  if (!dependenciesAreInstalled()) {
    const install = () => command("npm", ["ci"], { cwd: root });
    await step("Installing dependencies", install).catch((error) => {
      throw new Unmet(
        error.message,
        "The npm registry has to be within reach, and Kuzzle compiles native modules.",
      );
    });
  }
}

/** Compiles lib into dist. The build is incremental: where nothing has changed, it takes a moment. */
export async function build() {
  const npmRun = () => command("npm", ["run", "build"], { cwd: root });
  await step("Building the plugin", npmRun);
}
