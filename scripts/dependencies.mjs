import { statSync } from "node:fs";

import { command } from "./command.mjs";
import { Unmet } from "./fail.mjs";
import { root } from "./paths.mjs";
import { step } from "./step.mjs";

/** Tells whether the npm dependencies of package-lock.json are installed. */
export function dependenciesAreInstalled() {
  const [wanted = 0, installed = 0] = ["", "node_modules/."].map(
    (path) =>
      statSync(`${root}${path}package-lock.json`, { throwIfNoEntry: false })
        ?.mtimeMs ?? 0,
  );

  return installed >= wanted;
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
