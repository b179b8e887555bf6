import { stat } from "node:fs/promises";

import { command } from "./command.mjs";
import { Unmet } from "./fail.mjs";
import { root } from "./paths.mjs";
import { step } from "./step.mjs";

/** Tells whether the npm dependencies of package-lock.json are installed. */
export async function dependenciesAreInstalled() {
  const [wanted, installed] = await Promise.all([
    modified("package-lock.json"),
    modified("node_modules/.package-lock.json"),
  ]);

  return installed >= wanted;
}

/** Installs the npm dependencies if they are not installed. */
export async function ensureDependencies() {
  if (await dependenciesAreInstalled()) {
    return;
  }

  await step("Installing dependencies", async (progress) => {
    let fetched = 0;
    const onLine = (/** @type {string} */ line) => {
      const script = /npm info run (\S+) (?:pre|post)?install (?!\{)/.exec(
        line,
      );
      if (/npm http (?:fetch GET|cache)/.test(line)) {
        progress(`${++fetched} files fetched`);
      }
      if (script) {
        progress(`compiling ${script[1]}`);
      }
    };

    try {
      await command("npm", ["ci", "--loglevel=info"], { cwd: root, onLine });
    } catch (error) {
      throw new Unmet(
        `npm ci failed.\n${/** @type {Error} */ (error).message}`,
        "The npm registry has to be within reach, and Kuzzle compiles native modules.",
      );
    }
  });
}

/**
 * @param {string} path
 * @returns {Promise<number>} ms since the epoch, 0 for a file that is not there
 */
async function modified(path) {
  try {
    return (await stat(`${root}${path}`)).mtimeMs;
  } catch {
    return 0;
  }
}
